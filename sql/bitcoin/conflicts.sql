-- What in the store contradicts itself, over all committed Bitcoin blocks of a network; should return no row.
--
-- Within a batch all of it was proven; this looks across batches, which may have come in any order.
SELECT
    'the block before has another hash' AS problem,
    block.block_number AS block_number,
    lower(hex(block.previous_hash)) AS transaction_or_block
FROM bitcoin_blocks AS block
INNER JOIN (
    SELECT block_number + 1 AS follower, block_hash FROM bitcoin_blocks WHERE network = {network:String}
) AS before ON before.follower = block.block_number
WHERE block.network = {network:String} AND block.previous_hash != before.block_hash
UNION ALL
SELECT
    'an output is spent twice' AS problem,
    max(block_number) AS block_number,
    lower(hex(spent_transaction_id)) AS transaction_or_block
FROM bitcoin_inputs
WHERE network = {network:String} AND resolution != 'coinbase'
GROUP BY spent_transaction_id, spent_output_index
HAVING count() > 1
UNION ALL
SELECT
    'the node stated a spent output otherwise than its transaction has it' AS problem,
    input.block_number AS block_number,
    lower(hex(input.transaction_id)) AS transaction_or_block
FROM bitcoin_inputs AS input
INNER JOIN (
    SELECT transaction_id, output_index, any(address) AS address, any(value) AS value
    FROM bitcoin_outputs
    WHERE network = {network:String}
    GROUP BY transaction_id, output_index
) AS known ON known.transaction_id = input.spent_transaction_id AND known.output_index = input.spent_output_index
WHERE input.network = {network:String}
    AND input.resolution = 'prevout'
    AND (input.address != known.address OR assumeNotNull(input.value) != known.value)
UNION ALL
SELECT
    'a transaction pays out more than it spends' AS problem,
    block_number,
    lower(hex(transaction_id)) AS transaction_or_block
FROM bitcoin_transactions
WHERE network = {network:String} AND NOT is_coinbase AND ifNull(input_value < output_value, 0)
UNION ALL
SELECT
    'a coinbase pays out more than subsidy and fees' AS problem,
    block_number,
    lower(hex(any(block_hash))) AS transaction_or_block
FROM bitcoin_transactions
WHERE network = {network:String}
GROUP BY block_number
HAVING countIf(isNull(fee)) = 0
    AND sumIf(toInt128(output_value), is_coinbase) > sum(toInt128(ifNull(fee, 0))) + if(
        intDiv(block_number, {halving_interval:UInt64}) > 63,
        toInt128(0),
        toInt128(bitShiftRight(toUInt64(5000000000), intDiv(block_number, {halving_interval:UInt64})))
    )
ORDER BY block_number, problem
LIMIT 100
