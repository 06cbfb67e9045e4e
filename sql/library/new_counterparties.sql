-- How many of its counterparties an address met for the first time, by day.
--
-- question: Does this address deal with ever new others, as shops and frauds do, or with those it knows?
-- tags: wallet, counterparties, behaviour
-- param address: Whose counterparties.
-- column day: Day, UTC
-- column counterparties: Others it dealt with, fees and itself apart
-- column new_counterparties: Those it had not dealt with before
-- column new_share: New ones among them, 0 to 1
-- column transfers: Transfers of coins and tokens with them
-- chart: day, new_counterparties
-- example: chainsight query run new_counterparties --param address=0x93d8ab708cae43a30bedcf892a0c387bdf8a0af5
SELECT
    day,
    uniqExact(other) AS counterparties,
    uniqExactIf(other, day = first_day) AS new_counterparties,
    new_counterparties / counterparties AS new_share,
    sum(moves) AS transfers
FROM (
    SELECT day, other, moves, min(day) OVER (PARTITION BY other) AS first_day
    FROM (
        SELECT
            toDate(block_timestamp) AS day,
            if(from_address = unhex(substring({address:String}, 3)), to_address, from_address) AS other,
            count() AS moves
        FROM transfers
        WHERE chain_id = {chain_id:UInt64}
            AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
            AND kind != 'fee'
            AND (from_address = unhex(substring({address:String}, 3)) OR to_address = unhex(substring({address:String}, 3)))
        GROUP BY day, other
    )
)
WHERE other != unhex(repeat('00', 20)) AND other != unhex(substring({address:String}, 3))
GROUP BY day
ORDER BY day
