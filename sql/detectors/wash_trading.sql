-- Few wallets that trade the same token in circles, so that all come out where they started.
--
-- method: von Wächter et al. (2022), NFT wash trading; Victor and Weintraud (2021), wash trading on decentralised exchanges
-- grain: address and role
WITH
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
            from_address, to_address, token_address, any(asset) AS asset, sum(units) AS volume, count() AS trades,
            groupArray(10)(transaction_hash) AS evidence
        FROM moves
        WHERE token_address != unhex(repeat('00', 20))
            AND from_address NOT IN (SELECT address FROM infrastructure) AND to_address NOT IN (SELECT address FROM infrastructure)
        GROUP BY from_address, to_address, token_address
        HAVING trades >= {min_rounds:UInt64}
    ),
    -- Two wallets that send the same volume to and fro.
    pairs AS
    (
        SELECT
            a.asset AS what, a.trades + b.trades AS trades, [a.from_address, a.to_address] AS wallets,
            least(a.trades, b.trades) AS returns, arrayConcat(a.evidence, b.evidence) AS evidence
        FROM flows AS a
        INNER JOIN flows AS b ON b.from_address = a.to_address AND b.to_address = a.from_address AND b.token_address = a.token_address
        WHERE a.from_address < a.to_address AND abs(a.volume - b.volume) <= {tolerance:Float64} * greatest(a.volume, b.volume)
    ),
    -- Three wallets that send the same volume round.
    rings AS
    (
        SELECT
            a.asset AS what, a.trades + b.trades + c.trades AS trades, [a.from_address, b.from_address, c.from_address] AS wallets,
            least(a.trades, b.trades, c.trades) AS returns, arrayConcat(a.evidence, b.evidence, c.evidence) AS evidence
        FROM flows AS a
        INNER JOIN flows AS b ON b.from_address = a.to_address AND b.token_address = a.token_address
        INNER JOIN flows AS c ON c.from_address = b.to_address AND c.token_address = a.token_address AND c.to_address = a.from_address
        WHERE a.from_address < b.from_address AND a.from_address < c.from_address
            AND greatest(a.volume, b.volume, c.volume) - least(a.volume, b.volume, c.volume) <= {tolerance:Float64} * greatest(a.volume, b.volume, c.volume)
    ),
    found AS (SELECT * FROM circles UNION ALL SELECT * FROM pairs UNION ALL SELECT * FROM rings)
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
