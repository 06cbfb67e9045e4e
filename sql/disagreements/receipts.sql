-- What staged receipts say of their transactions, where those say otherwise; must return no row.
WITH
    sent AS (
        SELECT
            hexToUInt64(number) AS block_number, number, hash, position, tx_hash, sender, receiver, type, price
        FROM staged_blocks
        ARRAY JOIN
            arrayEnumerate(transactions.hash) AS position, transactions.hash AS tx_hash, transactions.from AS sender,
            transactions.to AS receiver, transactions.type AS type, transactions.gasPrice AS price
    ),
    said AS (
        SELECT
            hexToUInt64(number) AS block_number, position, said_hash, said_number, said_index, said_transaction, said_sender,
            said_receiver, said_type, said_gas, said_price, ifNull(status, '') AS said_status, ifNull(root, '') AS said_root,
            gas_behind - gas_before AS gas_used
        FROM (
            SELECT *, arrayMap(x -> hexToUInt64(x), receipts.cumulativeGasUsed) AS cumulative
            FROM staged_receipts
            WHERE notEmpty(receipts.cumulativeGasUsed)
        )
        ARRAY JOIN
            arrayEnumerate(cumulative) AS position, cumulative AS gas_behind,
            arrayPopBack(arrayPushFront(cumulative, 0)) AS gas_before, receipts.blockHash AS said_hash,
            receipts.blockNumber AS said_number, receipts.transactionIndex AS said_index,
            receipts.transactionHash AS said_transaction, receipts.from AS said_sender, receipts.to AS said_receiver,
            receipts.type AS said_type, receipts.gasUsed AS said_gas, receipts.effectiveGasPrice AS said_price,
            receipts.status AS status, receipts.root AS root
    ),
    compared AS (
        SELECT
            s.*,
            t.number AS number,
            t.hash AS hash,
            t.tx_hash AS tx_hash,
            t.sender AS sender,
            ifNull(t.receiver, '') AS receiver,
            ifNull(t.type, '') AS type,
            -- What a transaction states as its price is what it paid (transactions.sql).
            ifNull(t.price, '') AS price,
            lower(said_hash) = lower(hash) AS hash_agrees,
            quantityIs(said_number, block_number) AS number_agrees,
            quantityIs(said_index, position - 1) AS index_agrees,
            lower(said_transaction) = lower(tx_hash) AS transaction_agrees,
            lower(said_sender) = lower(sender) AS sender_agrees,
            lower(ifNull(said_receiver, '')) = lower(receiver) AS receiver_agrees,
            if(isNull(said_type), hexToUInt64(type) = 0, hexToUInt64(said_type) = hexToUInt64(type)) AS type_agrees,
            -- Before Byzantium a receipt has a state root of 32 bytes, since then a status, never both.
            if(said_root IN ('', '0x'), said_status IN ('0x0', '0x1'), length(said_root) = 66 AND empty(said_status))
                AS outcome_agrees,
            quantityIs(said_gas, gas_used) AS gas_agrees,
            isNull(said_price) OR hexToUInt64(type) > 4 OR quantityIs(said_price, hexToUInt256(price)) AS price_agrees
        FROM said AS s
        INNER JOIN sent AS t ON t.block_number = s.block_number AND t.position = s.position
    ),
    wrong AS (
        SELECT
            *,
            indexOf([
                hash_agrees, number_agrees, index_agrees, transaction_agrees, sender_agrees, receiver_agrees, type_agrees,
                gas_agrees, price_agrees, outcome_agrees
            ], 0) AS first_wrong
        FROM compared
        WHERE NOT (
            hash_agrees AND number_agrees AND index_agrees AND transaction_agrees AND sender_agrees AND receiver_agrees
            AND type_agrees AND gas_agrees AND price_agrees AND outcome_agrees
        )
        ORDER BY block_number, position
        LIMIT 1
    )
SELECT block_number, field, stated, computed
FROM (
    SELECT
        b.block_number AS block_number, 'number of receipts' AS field, toString(transaction_count) AS stated,
        toString(receipt_count) AS computed, 0 AS place
    FROM (SELECT hexToUInt64(number) AS block_number, length(transactions.hash) AS transaction_count FROM staged_blocks) AS b
    INNER JOIN (
        SELECT hexToUInt64(number) AS block_number, length(receipts.blockHash) AS receipt_count FROM staged_receipts
    ) AS r ON r.block_number = b.block_number
    WHERE transaction_count != receipt_count
    UNION ALL
    SELECT
        block_number,
        concat('receipts[', toString(position - 1), '].', [
            'blockHash', 'blockNumber', 'transactionIndex', 'transactionHash', 'from', 'to', 'type', 'gasUsed', 'effectiveGasPrice',
            'status'
        ][first_wrong]),
        [
            said_hash, said_number, said_index, said_transaction, said_sender, ifNull(said_receiver, ''),
            ifNull(said_type, ''), said_gas, ifNull(said_price, ''), concat(said_status, ' and root ', said_root)
        ][first_wrong],
        [
            hash, number, numberToHex(position - 1), tx_hash, sender, receiver, type, numberToHex(gas_used), price,
            'a status or a root'
        ][first_wrong],
        position
    FROM wrong
)
ORDER BY block_number, place
LIMIT 1
