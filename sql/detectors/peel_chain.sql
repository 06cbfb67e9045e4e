-- Chains of fresh addresses that each pay a small part away and pass the large rest on to the next.
--
-- method: Meiklejohn et al. (2013), A fistful of bitcoins, peeling chains, carried over to accounts
-- grain: address and role
WITH RECURSIVE
    inflow AS
    (
        SELECT
            to_address AS address, token_address, sum(total) AS received, max(total) AS largest, sum(transfers) AS receipts,
            argMax(from_address, (total, from_address)) AS giver, argMax(since, (total, from_address)) AS received_at
        FROM pairs
        WHERE to_address NOT IN (SELECT address FROM infrastructure)
        GROUP BY address, token_address
        HAVING largest >= {main_share:Float64} * received AND receipts <= {max_transfers:UInt64}
    ),
    outflow AS
    (
        SELECT
            from_address AS address, token_address, min(pairs.what) AS coin, sum(total) AS sent, max(total) AS passed, count() AS payments,
            argMax(to_address, (total, to_address)) AS heir, max(until) AS last_sent_at, arrayFlatten(groupArray(hashes)) AS transactions
        FROM pairs
        WHERE from_address NOT IN (SELECT address FROM infrastructure) AND from_address NOT IN (SELECT address FROM exchange_doors)
        GROUP BY address, token_address
        HAVING sum(transfers) <= {max_transfers:UInt64} AND passed >= {min_passed:Float64} * sent
    ),
    peels AS
    (
        SELECT
            outflow.address AS address, outflow.token_address AS token_address, coin AS asset, received, giver, heir, transactions,
            sent - passed AS peeled,
            -- A hop may also pass on all; only hops that pay a part away count for the chain.
            payments > 1 AND passed < {max_passed:Float64} * sent AS is_peel
        FROM outflow
        INNER JOIN inflow ON inflow.address = outflow.address AND inflow.token_address = outflow.token_address
        WHERE sent >= {main_share:Float64} * received AND sent <= received * 1.000001
            AND last_sent_at >= received_at AND last_sent_at <= received_at + {window_seconds:UInt64}
    ),
    chains AS
    (
        SELECT
            address AS head, token_address, heir, received AS started_with, peeled AS peeled_off, [address] AS hops,
            transactions AS evidence, asset, toUInt64(is_peel) AS peeling_hops, giver
        FROM peels
        WHERE (giver, address, token_address) NOT IN (SELECT address, heir, token_address FROM peels)

        UNION ALL

        SELECT
            chains.head, chains.token_address, peels.heir, chains.started_with, chains.peeled_off + peels.peeled,
            arrayPushBack(chains.hops, peels.address), arrayConcat(chains.evidence, peels.transactions), chains.asset,
            chains.peeling_hops + peels.is_peel, chains.giver
        FROM chains
        INNER JOIN peels ON peels.address = chains.heir AND peels.token_address = chains.token_address
        WHERE peels.giver = chains.hops[-1] AND length(chains.hops) < {max_hops:UInt64}
    ),
    longest AS
    (
        SELECT * FROM chains
        WHERE peeling_hops >= {min_hops:UInt64}
        ORDER BY length(hops) DESC
        LIMIT 1 BY head, token_address
    ),
    -- Who fed the head: part of the chain when it handed on most of what it had in the same way.
    whole AS
    (
        SELECT longest.*, if(outflow.heir = longest.head, [(longest.giver, 'source', toUInt32(0))], []) AS sources
        FROM longest
        LEFT JOIN outflow ON outflow.address = longest.giver AND outflow.token_address = longest.token_address
    )
SELECT
    part.1 AS address,
    part.2 AS role,
    1 - 1 / length(hops) AS strength,
    concat(
        multiIf(role = 'source', 'Fed', role = 'actor', 'Starts', 'Is hop ' || toString(part.3) || ' of'), ' a peel chain of ', toString(length(hops)), ' hops: ',
        toString(round(started_with, 4)), ' ', asset, ' went in, ', toString(round(peeled_off, 4)), ' was peeled off on the way.'
    ) AS sentence,
    arraySlice(evidence, 1, 30) AS evidence
FROM whole
ARRAY JOIN arrayConcat(sources, arrayMap((a, i) -> (a, if(i = 1, 'actor', 'hop'), i), hops, arrayEnumerate(hops))) AS part
