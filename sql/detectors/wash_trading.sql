-- Few wallets that trade the same token in circles, so that all come out where they started.
--
-- method: von Wächter et al. (2022), NFT wash trading; Victor and Weintraud (2021), wash trading on decentralised exchanges
-- grain: address and role
WITH RECURSIVE
    -- One token id that returns to wallets which had owned it before.
    circles AS
    (
        SELECT
            concat('token ', toString(token_id), ' of 0x', lower(hex(token_address))) AS what,
            count() AS trades, arrayDistinct(arrayConcat(groupUniqArray(from_address), groupUniqArray(to_address))) AS wallets,
            count() - uniqExact(to_address) AS returns, groupArray(30)(transaction_hash) AS evidence
        FROM transfers
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND kind = 'erc721'
            AND from_address NOT IN (SELECT address FROM infrastructure) AND to_address NOT IN (SELECT address FROM infrastructure)
            AND from_address != to_address
            AND from_address != unhex(repeat('00', 20)) AND to_address != unhex(repeat('00', 20))
        GROUP BY token_address, token_id
        HAVING trades >= {min_trades:UInt64} AND returns >= {min_returns:UInt64}
            AND length(wallets) <= {max_wallets:UInt64}
    ),
    flows AS
    (
        SELECT
            from_address, to_address, token_address, min(asset) AS asset, sum(units) AS volume, count() AS trades,
            groupArray(10)(transaction_hash) AS evidence
        FROM settled
        WHERE token_address != unhex(repeat('00', 20))
            AND from_address NOT IN (SELECT address FROM infrastructure) AND to_address NOT IN (SELECT address FROM infrastructure)
        GROUP BY from_address, to_address, token_address
        HAVING trades >= {min_rounds:UInt64}
    ),
    -- Two to five wallets that send the same volume round; each ring is found from its smallest address.
    paths AS
    (
        SELECT
            from_address AS start, to_address AS reached, token_address, asset AS what, trades, [from_address, to_address] AS wallets,
            trades AS returns, evidence, volume AS smallest, volume AS largest
        FROM flows

        UNION ALL

        SELECT
            paths.start, flows.to_address, paths.token_address, paths.what, paths.trades + flows.trades,
            arrayPushBack(paths.wallets, flows.to_address), least(paths.returns, flows.trades),
            arraySlice(arrayConcat(paths.evidence, flows.evidence), 1, 30), least(paths.smallest, flows.volume), greatest(paths.largest, flows.volume)
        FROM paths
        INNER JOIN flows ON flows.from_address = paths.reached AND flows.token_address = paths.token_address
        WHERE length(paths.wallets) <= {max_wallets:UInt64} AND paths.reached != paths.start AND flows.to_address >= paths.start
            AND NOT has(arraySlice(paths.wallets, 2), flows.to_address)
            AND least(paths.smallest, flows.volume) >= (1 - {tolerance:Float64}) * greatest(paths.largest, flows.volume)
    ),
    rings AS
    (
        SELECT what, trades, arrayDistinct(wallets) AS wallets, toInt64(returns) AS returns, evidence
        FROM paths
        WHERE reached = start
    ),
    found AS (SELECT * FROM circles UNION ALL SELECT * FROM rings)
SELECT
    arrayJoin(wallets) AS address,
    'actor' AS role,
    1 - 1 / (1 + returns) AS strength,
    concat(
        'Traded ', what, ' in circles among ', toString(length(wallets)), ' wallets: ', toString(trades), ' transfers, ',
        toString(returns), ' of them back to a wallet that had it before.'
    ) AS sentence,
    evidence
FROM found
