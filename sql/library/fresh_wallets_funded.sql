-- Which new addresses got their first coins from an address.
--
-- question: Whom did this address bring to life: addresses whose very first native coin came from it, when and how
--   much? Rings of fresh wallets have one funder in common.
-- tags: wallet, funding, risk
-- param address: The funder.
-- column wallet: The new address
-- column funded_at: When it got its first native coin
-- column quantity [coins]: How much that was
-- column amount [smallest units]: The same, exact
-- column transactions_since: Transactions it signed afterwards
-- column block_number: Block of the funding
-- column transaction_hash: Transaction of the funding
-- chart: funded_at, quantity
-- example: chainsight query run fresh_wallets_funded --param address=0x93d8ab708cae43a30bedcf892a0c387bdf8a0af5
SELECT
    concat('0x', lower(hex(first.receiver))) AS wallet,
    first.funding.2 AS funded_at,
    toFloat64(first.funding.3) / 1e18 AS quantity,
    first.funding.3 AS amount,
    ifNull(signed.signed_count, 0) AS transactions_since,
    first.funding.4 AS block_number,
    concat('0x', lower(hex(first.funding.5))) AS transaction_hash
FROM (
    SELECT
        to_address AS receiver,
        argMin((from_address, block_timestamp, transfers.amount, transfers.block_number, transfers.transaction_hash),
            (transfers.block_number, transaction_index, kind != 'native', position)) AS funding
    FROM transfers
    WHERE chain_id = {chain_id:UInt64}
        AND transfers.block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND kind IN ('native', 'internal', 'withdrawal')
        AND transfers.amount > 0
        AND to_address IN (
            SELECT to_address FROM transfers
            WHERE chain_id = {chain_id:UInt64}
                AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
                AND from_address = unhex(substring({address:String}, 3))
        )
    GROUP BY receiver
    HAVING funding.1 = unhex(substring({address:String}, 3))
) AS first
LEFT JOIN (
    SELECT from_address, count() AS signed_count, min(block_number) AS since
    FROM transactions
    WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    GROUP BY from_address
) AS signed ON signed.from_address = first.receiver
-- Whoever signed something before was there before.
WHERE signed.signed_count = 0 OR signed.since >= first.funding.4
ORDER BY block_number, wallet
LIMIT {most:UInt64}
