-- What staged transactions say of their place, type and price, where the block says otherwise; must return no row.
--
-- The price paid is the least of the cap and base fee plus tip cap (EIP-1559); older transactions state it themselves. Rollups
-- took their types from 0x40 up (Arbitrum 0x64, zkSync 0x71, Optimism 0x7e), which no other chain may have (has_own_types).
WITH
    flat AS (
        SELECT
            hexToUInt64(number) AS block_number, number, hash, position - 1 AS index, said_hash, said_number, said_index, said_type,
            said_price, hexToUInt64(said_type) AS kind,
            if(
                isNull(fee_cap),
                hexToUInt256(said_price),
                least(hexToUInt256(fee_cap), toUInt256(hexToUInt256(baseFeePerGas) + hexToUInt256(tip_cap)))
            ) AS price
        FROM staged_blocks
        ARRAY JOIN
            arrayEnumerate(transactions.hash) AS position, transactions.blockHash AS said_hash,
            transactions.blockNumber AS said_number, transactions.transactionIndex AS said_index, transactions.type AS said_type,
            transactions.gasPrice AS said_price, transactions.maxFeePerGas AS fee_cap,
            transactions.maxPriorityFeePerGas AS tip_cap
    ),
    compared AS (
        SELECT
            *,
            lower(ifNull(said_hash, '')) = lower(hash) AS hash_agrees,
            quantityIs(said_number, block_number) AS number_agrees,
            quantityIs(said_index, index) AS index_agrees,
            isNotNull(said_type) AND (kind <= 4 OR ({has_own_types:UInt8} AND kind BETWEEN 64 AND 127)) AS type_agrees,
            kind > 4 OR quantityIs(said_price, price) AS price_agrees
        FROM flat
    ),
    wrong AS (
        SELECT
            *, indexOf([hash_agrees, number_agrees, index_agrees, type_agrees, price_agrees], 0) AS first_wrong
        FROM compared
        WHERE NOT (hash_agrees AND number_agrees AND index_agrees AND type_agrees AND price_agrees)
        ORDER BY block_number, index
        LIMIT 1
    )
SELECT
    block_number,
    concat(
        'transactions[', toString(index), '].',
        ['blockHash', 'blockNumber', 'transactionIndex', 'type', 'gasPrice'][first_wrong]
    ) AS field,
    [ifNull(said_hash, ''), ifNull(said_number, ''), ifNull(said_index, ''), ifNull(said_type, ''), ifNull(said_price, '')]
        [first_wrong] AS stated,
    [hash, number, numberToHex(index), 'a type that this chain does not use', numberToHex(price)][first_wrong] AS computed
FROM wrong
