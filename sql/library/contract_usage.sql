-- Which functions of a contract are called, by whom and how successfully.
--
-- question: How is this contract used: the first four bytes of the calls sent to it, how often each, by how many, and
--   how many failed?
-- tags: contracts
-- param address: The contract.
-- column method: First four bytes of the call data as 0x text; empty for plain payments
-- column transactions: Transactions that call it
-- column callers: Different senders
-- column failed: Transactions that failed
-- column quantity [coins]: Native coin sent along by those that did not
-- column last_at: Time of the last one
-- chart: method, transactions
-- example: chainsight query run contract_usage --param address=0xee00f57d5a4da7332fbc6982f7e918f41f287ba7
SELECT
    if(called = '', '', concat('0x', lower(hex(called)))) AS method,
    count() AS transactions,
    uniqExact(from_address) AS callers,
    countIf(success = 0) AS failed,
    toFloat64(sumIf(value, success != 0)) / 1e18 AS quantity,
    max(block_timestamp) AS last_at
FROM (
    SELECT transactions.method_id AS called, from_address, success, value, block_timestamp
    FROM transactions
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND to_address = unhex(substring({address:String}, 3))
)
GROUP BY called
ORDER BY transactions DESC, method
LIMIT {most:UInt64}
