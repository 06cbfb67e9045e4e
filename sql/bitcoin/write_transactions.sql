-- Transactions of a proven batch; what they spend and leave as fee is known where every input is.
INSERT INTO bitcoin_transactions (
    network, block_number, block_hash, block_timestamp, transaction_index, transaction_id, witness_id,
    transaction_version, lock_time, size, weight, is_coinbase, input_count, output_count, input_value, output_value, fee,
    version
)
SELECT
    {network:String},
    stated.block_number,
    stated.block_hash,
    stated.block_timestamp,
    stated.transaction_index,
    stated.transaction_id,
    stated.witness_id,
    stated.transaction_version,
    stated.lock_time,
    stated.size,
    stated.weight,
    stated.transaction_index = 0,
    spent.inputs,
    paid.outputs,
    if(spent.unresolved > 0, NULL, toNullable(spent.amount)),
    paid.amount,
    multiIf(stated.transaction_index = 0, toNullable(0), spent.unresolved > 0, NULL, toNullable(spent.amount - paid.amount)),
    {version:UInt64}
FROM (
    SELECT
        height AS block_number,
        toFixedString(unhex(hash), 32) AS block_hash,
        toDateTime(time, 'UTC') AS block_timestamp,
        position - 1 AS transaction_index,
        toFixedString(unhex(transaction.txid), 32) AS transaction_id,
        toFixedString(unhex(transaction.hash), 32) AS witness_id,
        toUInt32(bitAnd(transaction.version, 4294967295)) AS transaction_version,
        transaction.locktime AS lock_time,
        transaction.size AS size,
        transaction.weight AS weight
    FROM staged_bitcoin_blocks
    ARRAY JOIN tx AS transaction, arrayEnumerate(tx) AS position
) AS stated
INNER JOIN (
    SELECT
        block_number,
        transaction_index,
        count() AS inputs,
        countIf(resolution = 'unresolved') AS unresolved,
        sum(ifNull(value, 0)) AS amount
    FROM staged_bitcoin_inputs
    GROUP BY block_number, transaction_index
) AS spent ON spent.block_number = stated.block_number AND spent.transaction_index = stated.transaction_index
INNER JOIN (
    SELECT block_number, transaction_index, count() AS outputs, sum(value) AS amount
    FROM staged_bitcoin_outputs
    GROUP BY block_number, transaction_index
) AS paid ON paid.block_number = stated.block_number AND paid.transaction_index = stated.transaction_index
