-- What staged logs say of their place, where block and receipt say otherwise; must return no row. Logs are numbered by block.
SELECT
    block_number,
    concat('receipts[', toString(index), '].logs[', toString(log_index), '].', names[indexOf(agree, 0)]) AS field,
    [said_hash, said_number, said_index, said_transaction, said_log_index][indexOf(agree, 0)] AS stated,
    [receipt_hash, numberToHex(block_number), numberToHex(index), receipt_transaction, numberToHex(log_index)]
        [indexOf(agree, 0)] AS computed
FROM (
    SELECT
        block_number,
        position - 1 AS index,
        before + log_position - 1 AS log_index,
        said_hash,
        said_number,
        said_index,
        said_transaction,
        said_log_index,
        receipt_hash,
        receipt_transaction,
        ['blockHash', 'blockNumber', 'transactionIndex', 'transactionHash', 'logIndex'] AS names,
        [
            lower(said_hash) = lower(receipt_hash),
            quantityIs(said_number, block_number),
            quantityIs(said_index, index),
            lower(said_transaction) = lower(receipt_transaction),
            quantityIs(said_log_index, log_index)
        ] AS agree
    FROM (
        SELECT
            hexToUInt64(number) AS block_number, position, before, receipt_hash, receipt_transaction, hashes, numbers, indexes,
            transaction_hashes, log_indexes
        FROM staged_receipts
        ARRAY JOIN
            arrayEnumerate(receipts.transactionHash) AS position,
            arrayPopBack(arrayPushFront(arrayCumSum(list -> length(list), receipts.logs.logIndex), 0)) AS before,
            receipts.blockHash AS receipt_hash, receipts.transactionHash AS receipt_transaction,
            receipts.logs.blockHash AS hashes, receipts.logs.blockNumber AS numbers,
            receipts.logs.transactionIndex AS indexes, receipts.logs.transactionHash AS transaction_hashes,
            receipts.logs.logIndex AS log_indexes
        WHERE notEmpty(receipts.transactionHash)
    )
    ARRAY JOIN
        arrayEnumerate(hashes) AS log_position, hashes AS said_hash, numbers AS said_number, indexes AS said_index,
        transaction_hashes AS said_transaction, log_indexes AS said_log_index
    WHERE has(agree, 0)
)
ORDER BY block_number, log_index
LIMIT 1
