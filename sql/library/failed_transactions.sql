-- Where transactions fail, and what that costs.
--
-- question: Which receivers have the most failed transactions, what share of what they are sent is that, and how much
--   was paid for nothing?
-- tags: gas, network, contracts
-- param most: At most so many receivers. [default 20]
-- column receiver: Address the transactions were sent to; creations are under zeros
-- column failed: Transactions that failed
-- column transactions: All transactions to it
-- column failed_share: Failed ones among them, 0 to 1
-- column wasted [coins]: What senders paid for the gas of the failed ones
-- column wasted_amount [smallest units]: The same, exact
-- column senders: Different senders of the failed ones
-- chart: receiver, failed
-- example: chainsight query run failed_transactions
SELECT
    concat('0x', lower(hex(called))) AS receiver,
    countIf(success = 0) AS failed,
    count() AS transactions,
    failed / transactions AS failed_share,
    toFloat64(wasted_amount) / 1e18 AS wasted,
    sumIf(effective_gas_price * gas_used, success = 0) AS wasted_amount,
    uniqExactIf(from_address, success = 0) AS senders
FROM (
    SELECT ifNull(to_address, unhex(repeat('00', 20))) AS called, success, effective_gas_price, gas_used, from_address
    FROM transactions
    WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
)
GROUP BY called
HAVING failed > 0
ORDER BY failed DESC, receiver
LIMIT {most:UInt64}
