-- What staged logs say of their place, where block and receipt say otherwise; must return no row. Logs are numbered by block.
WITH
    emitted AS (
        SELECT
            hexToUInt64(number) AS block_number, position - 1 AS index, before, receipt_hash, receipt_transaction, hashes, numbers,
            indexes, transaction_hashes, log_indexes
        FROM staged_receipts
        ARRAY JOIN
            arrayEnumerate(receipts.transactionHash) AS position,
            arrayPopBack(arrayPushFront(arrayCumSum(list -> length(list), receipts.logs.logIndex), 0)) AS before,
            receipts.blockHash AS receipt_hash, receipts.transactionHash AS receipt_transaction,
            receipts.logs.blockHash AS hashes, receipts.logs.blockNumber AS numbers,
            receipts.logs.transactionIndex AS indexes, receipts.logs.transactionHash AS transaction_hashes,
            receipts.logs.logIndex AS log_indexes
        WHERE notEmpty(receipts.transactionHash)
    ),
    compared AS (
        SELECT
            block_number,
            index,
            before + log_position - 1 AS log_index,
            receipt_hash,
            receipt_transaction,
            said_hash,
            said_number,
            said_index,
            said_transaction,
            said_log_index,
            lower(said_hash) = lower(receipt_hash) AS hash_agrees,
            quantityIs(said_number, block_number) AS number_agrees,
            quantityIs(said_index, index) AS index_agrees,
            lower(said_transaction) = lower(receipt_transaction) AS transaction_agrees,
            quantityIs(said_log_index, log_index) AS log_index_agrees
        FROM emitted
        ARRAY JOIN
            arrayEnumerate(hashes) AS log_position, hashes AS said_hash, numbers AS said_number, indexes AS said_index,
            transaction_hashes AS said_transaction, log_indexes AS said_log_index
    ),
    wrong AS (
        SELECT
            *, indexOf([hash_agrees, number_agrees, index_agrees, transaction_agrees, log_index_agrees], 0) AS first_wrong
        FROM compared
        WHERE NOT (hash_agrees AND number_agrees AND index_agrees AND transaction_agrees AND log_index_agrees)
        ORDER BY block_number, log_index
        LIMIT 1
    )
SELECT
    block_number,
    concat(
        'receipts[', toString(index), '].logs[', toString(log_index), '].',
        ['blockHash', 'blockNumber', 'transactionIndex', 'transactionHash', 'logIndex'][first_wrong]
    ) AS field,
    [said_hash, said_number, said_index, said_transaction, said_log_index][first_wrong] AS stated,
    [receipt_hash, numberToHex(block_number), numberToHex(index), receipt_transaction, numberToHex(log_index)][first_wrong]
        AS computed
FROM wrong
