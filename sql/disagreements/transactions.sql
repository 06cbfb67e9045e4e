-- What staged transactions say of their place, type and price, where the block says otherwise; must return no row.
--
-- The price paid is the least of the cap and base fee plus tip cap (EIP-1559); older transactions state it themselves. Rollups
-- took their types from 0x40 up (Arbitrum 0x64, zkSync 0x71, Optimism 0x7e); what is between is no chain's.
SELECT
    block_number,
    concat('transactions[', toString(index), '].', names[indexOf(agree, 0)]) AS field,
    [ifNull(stated_hash, ''), ifNull(stated_number, ''), ifNull(stated_index, ''), ifNull(stated_type, ''), ifNull(stated_price, '')]
        [indexOf(agree, 0)] AS stated,
    [hash, number, numberToHex(index), 'a type that no chain uses', numberToHex(price)][indexOf(agree, 0)] AS computed
FROM (
    SELECT
        hexToUInt64(number) AS block_number,
        number,
        hash,
        position - 1 AS index,
        stated_hash,
        stated_number,
        stated_index,
        stated_type,
        stated_price,
        hexToUInt64(stated_type) AS kind,
        if(
            isNull(fee_cap),
            hexToUInt256(stated_price),
            least(hexToUInt256(fee_cap), toUInt256(hexToUInt256(baseFeePerGas) + hexToUInt256(tip_cap)))
        ) AS price,
        ['blockHash', 'blockNumber', 'transactionIndex', 'type', 'gasPrice'] AS names,
        [
            lower(ifNull(stated_hash, '')) = lower(hash),
            quantityIs(stated_number, block_number),
            quantityIs(stated_index, index),
            isNotNull(stated_type) AND (kind <= 4 OR kind >= 64),
            kind > 4 OR quantityIs(stated_price, price)
        ] AS agree
    FROM staged_blocks
    ARRAY JOIN
        arrayEnumerate(transactions.hash) AS position, transactions.blockHash AS stated_hash,
        transactions.blockNumber AS stated_number, transactions.transactionIndex AS stated_index,
        transactions.type AS stated_type, transactions.gasPrice AS stated_price, transactions.maxFeePerGas AS fee_cap,
        transactions.maxPriorityFeePerGas AS tip_cap
    WHERE has(agree, 0)
)
ORDER BY block_number, index
LIMIT 1
