-- Whom an address deals with most.
--
-- question: With which addresses did this one exchange value, how often and how much native coin each way? Fees are
--   left out; the largest turnover in native coin comes first.
-- tags: wallet, counterparties
-- param address: Whose counterparties.
-- param most: At most so many counterparties. [default 20]
-- column counterparty: The other address; its own where it pays itself, both sent and received
-- column transfers: Movements between the two, both ways, of coins and tokens
-- column sent [coins]: Native coin that the address gave it
-- column received [coins]: Native coin that it gave the address
-- column sent_amount [smallest units]: The same as `sent`, exact
-- column received_amount [smallest units]: The same as `received`, exact
-- column token_transfers: Movements of tokens among the transfers
-- column first_block: Block of the first one
-- column last_block: Block of the last one
-- chart: counterparty, transfers
-- example: chainsight query run top_counterparties --param address=0x93d8ab708cae43a30bedcf892a0c387bdf8a0af5
SELECT
    concat('0x', lower(hex(other))) AS counterparty,
    count() AS transfers,
    toFloat64(sent_amount) / 1e18 AS sent,
    toFloat64(received_amount) / 1e18 AS received,
    sumIf(moved, is_native AND gives) AS sent_amount,
    sumIf(moved, is_native AND takes) AS received_amount,
    countIf(NOT is_native) AS token_transfers,
    min(block) AS first_block,
    max(block) AS last_block
FROM (
    SELECT
        from_address = unhex(substring({address:String}, 3)) AS gives,
        to_address = unhex(substring({address:String}, 3)) AS takes,
        if(gives, to_address, from_address) AS other,
        kind IN ('native', 'internal', 'withdrawal') AS is_native,
        amount AS moved,
        block_number AS block
    FROM transfers
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND kind != 'fee'
        AND (from_address = unhex(substring({address:String}, 3)) OR to_address = unhex(substring({address:String}, 3)))
)
GROUP BY other
ORDER BY sent_amount + received_amount DESC, transfers DESC, other
LIMIT {most:UInt64}
