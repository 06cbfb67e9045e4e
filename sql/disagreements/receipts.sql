-- What staged receipts say of their transactions, where those say otherwise; must return no row.
WITH
    paired AS (
        SELECT
            b.block_number AS block_number,
            b.number AS number,
            b.hash AS hash,
            b.base_fee AS base_fee,
            b.transaction_count AS transaction_count,
            length(r.cumulative) AS receipt_count,
            -- As many transactions as receipts, so that they can be joined side by side.
            arrayResize(b.hashes, receipt_count) AS hashes,
            arrayResize(b.senders, receipt_count) AS senders,
            arrayResize(b.receivers, receipt_count) AS receivers,
            arrayResize(b.types, receipt_count) AS types,
            arrayResize(b.prices, receipt_count) AS prices,
            arrayResize(b.fee_caps, receipt_count) AS fee_caps,
            arrayResize(b.tip_caps, receipt_count) AS tip_caps,
            arrayMap(x -> hexToUInt64(x), r.cumulative) AS gas_behind,
            arrayPopBack(arrayPushFront(gas_behind, 0)) AS gas_before,
            r.*
        FROM (
            SELECT
                hexToUInt64(number) AS block_number, number, hash, baseFeePerGas AS base_fee,
                length(transactions) AS transaction_count, transactions.hash AS hashes, transactions.from AS senders,
                transactions.to AS receivers, transactions.type AS types, transactions.gasPrice AS prices,
                transactions.maxFeePerGas AS fee_caps, transactions.maxPriorityFeePerGas AS tip_caps
            FROM staged_blocks
        ) AS b
        INNER JOIN (
            SELECT
                hexToUInt64(number) AS block_number, receipts.cumulativeGasUsed AS cumulative,
                receipts.blockHash AS said_hashes, receipts.blockNumber AS said_numbers,
                receipts.transactionIndex AS said_indexes, receipts.transactionHash AS said_transactions,
                receipts.from AS said_senders, receipts.to AS said_receivers, receipts.type AS said_types,
                receipts.gasUsed AS said_gas, receipts.effectiveGasPrice AS said_prices
            FROM staged_receipts
        ) AS r ON r.block_number = b.block_number
    ),
    compared AS (
        SELECT
            block_number,
            position - 1 AS index,
            if(
                isNull(fee_cap),
                hexToUInt256(price),
                least(hexToUInt256(fee_cap), toUInt256(hexToUInt256(base_fee) + hexToUInt256(tip_cap)))
            ) AS paid,
            ['blockHash', 'blockNumber', 'transactionIndex', 'transactionHash', 'from', 'to', 'type', 'gasUsed', 'effectiveGasPrice']
                AS names,
            [
                lower(said_hash) = lower(hash),
                quantityIs(said_number, block_number),
                quantityIs(said_index, index),
                lower(said_transaction) = lower(tx_hash),
                lower(said_sender) = lower(sender),
                lower(ifNull(said_receiver, '')) = lower(ifNull(receiver, '')),
                isNull(said_type) OR hexToUInt64(said_type) = hexToUInt64(type),
                quantityIs(said_gas_used, after - before),
                isNull(said_price) OR hexToUInt64(type) > 4 OR quantityIs(said_price, paid)
            ] AS agree,
            [
                said_hash, said_number, said_index, said_transaction, said_sender, ifNull(said_receiver, ''),
                ifNull(said_type, ''), said_gas_used, ifNull(said_price, '')
            ][indexOf(agree, 0)] AS stated,
            [
                hash, number, numberToHex(index), tx_hash, sender, ifNull(receiver, ''), ifNull(type, ''),
                numberToHex(after - before), numberToHex(paid)
            ][indexOf(agree, 0)] AS computed
        FROM paired
        ARRAY JOIN
            arrayEnumerate(cumulative) AS position, hashes AS tx_hash, senders AS sender, receivers AS receiver, types AS type,
            prices AS price, fee_caps AS fee_cap, tip_caps AS tip_cap, gas_before AS before, gas_behind AS after,
            said_hashes AS said_hash, said_numbers AS said_number, said_indexes AS said_index,
            said_transactions AS said_transaction, said_senders AS said_sender, said_receivers AS said_receiver,
            said_types AS said_type, said_gas AS said_gas_used, said_prices AS said_price
        WHERE has(agree, 0)
    )
SELECT block_number, field, stated, computed
FROM (
    SELECT
        block_number, toInt64(-1) AS place, 'number of receipts' AS field, toString(transaction_count) AS stated,
        toString(receipt_count) AS computed
    FROM paired
    WHERE transaction_count != receipt_count
    UNION ALL
    SELECT
        block_number, toInt64(index), concat('receipts[', toString(index), '].', names[indexOf(agree, 0)]), stated, computed
    FROM compared
)
ORDER BY block_number, place
LIMIT 1
