-- Whom two addresses both deal with.
--
-- question: Which third addresses have exchanged value with both of these, and how much native coin with each? The
--   more exclusive the third one, the more likely do the two belong together.
-- tags: wallet, counterparties
-- param address: One address.
-- param other_address: The other one.
-- column shared: The third address
-- column with_address [coins]: Native coin between it and the first, both ways
-- column with_other [coins]: Native coin between it and the second, both ways
-- column transfers: Transfers with either
-- column its_counterparties: How many others the third one deals with in all
-- example: chainsight query run shared_counterparties --param address=0x93d8ab708cae43a30bedcf892a0c387bdf8a0af5 --param other_address=0x7e278b2c60922d57e2070584a8035b4370134763 --param most=10
SELECT
    concat('0x', lower(hex(met.other))) AS shared,
    met.with_one AS with_address,
    met.with_second AS with_other,
    met.transfers AS transfers,
    met.known AS its_counterparties
FROM (
    SELECT
        side.1 AS other,
        sumIf(toFloat64(amount), is_native AND side.2 = unhex(substring({address:String}, 3))) / 1e18 AS with_one,
        sumIf(toFloat64(amount), is_native AND side.2 = unhex(substring({other_address:String}, 3))) / 1e18 AS with_second,
        countIf(side.2 IN (unhex(substring({address:String}, 3)), unhex(substring({other_address:String}, 3)))) AS transfers,
        countIf(side.2 = unhex(substring({address:String}, 3))) AS times_one,
        countIf(side.2 = unhex(substring({other_address:String}, 3))) AS times_second,
        uniqExact(side.2) AS known
    FROM (
        SELECT
            arrayJoin([(from_address, to_address), (to_address, from_address)]) AS side,
            amount,
            kind IN ('native', 'internal') AS is_native
        FROM transfers
        WHERE chain_id = {chain_id:UInt64}
            AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
            AND kind != 'fee'
            AND from_address != to_address
    )
    GROUP BY other
    HAVING times_one > 0 AND times_second > 0
) AS met
WHERE met.other NOT IN (
    unhex(repeat('00', 20)), unhex(substring({address:String}, 3)), unhex(substring({other_address:String}, 3))
)
ORDER BY its_counterparties, transfers DESC, shared
LIMIT {most:UInt64}
