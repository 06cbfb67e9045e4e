-- Fields of the staged blocks that cannot be what they should be, by block; must return no row before anything is decoded.
--
-- The functions that decode turn what is no number or no address into something, silently. Here a quantity is 0x and 1 to 64
-- (or 16) hex digits, an address 0x and 40, a word 0x and 64. Only transactions of types that rollups added may lack nonce
-- and gas price. Each row is looked at as one text first; fields are named only where that fails.
WITH
    (text, digits) -> match(text, '^0x[0-9a-fA-F]+$') AND length(text) <= digits + 2 AS is_quantity,
    (text, digits) -> match(text, '^0x[0-9a-fA-F]+$') AND length(text) = digits + 2 AS is_bytes,
    text -> startsWith(text, '0x') AND length(text) % 2 = 0 AS is_data
SELECT block_number, field, substring(stated, 1, 100) AS stated
FROM (
    SELECT
        hexToUInt64(number) AS block_number,
        0 AS place,
        wrong.1 AS field,
        wrong.2 AS stated
    FROM staged_blocks
    ARRAY JOIN arrayFilter(check -> NOT check.3, [
        ('number', number, is_quantity(number, 16)),
        ('hash', hash, is_bytes(hash, 64)),
        ('parentHash', parentHash, is_bytes(parentHash, 64)),
        ('stateRoot', stateRoot, is_bytes(stateRoot, 64)),
        ('transactionsRoot', transactionsRoot, is_bytes(transactionsRoot, 64)),
        ('receiptsRoot', receiptsRoot, is_bytes(receiptsRoot, 64)),
        ('withdrawalsRoot', ifNull(withdrawalsRoot, ''), isNull(withdrawalsRoot) OR is_bytes(assumeNotNull(withdrawalsRoot), 64)),
        ('miner', miner, is_bytes(miner, 40)),
        -- The column that keeps it ends in the year 2106.
        ('timestamp', timestamp, is_quantity(timestamp, 16) AND hexToUInt64(timestamp) < 4294967296),
        ('difficulty', ifNull(difficulty, ''), isNull(difficulty) OR is_quantity(assumeNotNull(difficulty), 64)),
        ('gasLimit', gasLimit, is_quantity(gasLimit, 16)),
        ('gasUsed', gasUsed, is_quantity(gasUsed, 16)),
        ('baseFeePerGas', ifNull(baseFeePerGas, ''), isNull(baseFeePerGas) OR is_quantity(assumeNotNull(baseFeePerGas), 64)),
        ('blobGasUsed', ifNull(blobGasUsed, ''), isNull(blobGasUsed) OR is_quantity(assumeNotNull(blobGasUsed), 16)),
        ('excessBlobGas', ifNull(excessBlobGas, ''), isNull(excessBlobGas) OR is_quantity(assumeNotNull(excessBlobGas), 16)),
        ('size', ifNull(size, ''), isNull(size) OR is_quantity(assumeNotNull(size), 16)),
        ('extraData', extraData, is_data(extraData))
    ]) AS wrong
    UNION ALL
    SELECT hexToUInt64(number), 0, concat('withdrawals[', toString(position - 1), '].', wrong.1), wrong.2
    FROM staged_blocks
    ARRAY JOIN withdrawals AS withdrawal, arrayEnumerate(withdrawals) AS position
    ARRAY JOIN arrayFilter(check -> NOT check.3, [
        ('index', withdrawal.index, is_quantity(withdrawal.index, 16)),
        ('validatorIndex', withdrawal.validatorIndex, is_quantity(withdrawal.validatorIndex, 16)),
        ('address', withdrawal.address, is_bytes(withdrawal.address, 40)),
        ('amount', withdrawal.amount, is_quantity(withdrawal.amount, 16))
    ]) AS wrong
    -- That is how the staging table says that the source has none.
    WHERE withdrawal.index != 'absent'
    UNION ALL
    SELECT block_number, place, concat('transactions[', toString(place - 1), '].', wrong.1) AS field, wrong.2 AS stated
    FROM (
        SELECT
            hexToUInt64(number) AS block_number,
            position AS place,
            hexToUInt64(tx.type) > 4 AS of_rollup,
            arrayFilter(check -> NOT check.3, arrayConcat([
                ('hash', tx.hash, is_bytes(tx.hash, 64)),
                ('type', ifNull(tx.type, ''), isNull(tx.type) OR is_quantity(assumeNotNull(tx.type), 2)),
                ('nonce', tx.nonce, is_quantity(tx.nonce, 16) OR (of_rollup AND empty(tx.nonce))),
                ('from', tx.from, is_bytes(tx.from, 40)),
                ('to', ifNull(tx.to, ''), isNull(tx.to) OR is_bytes(assumeNotNull(tx.to), 40)),
                ('value', tx.value, is_quantity(tx.value, 64)),
                ('gas', tx.gas, is_quantity(tx.gas, 16)),
                ('gasPrice', ifNull(tx.gasPrice, ''), is_quantity(ifNull(tx.gasPrice, ''), 64) OR (of_rollup AND isNull(tx.gasPrice))),
                ('maxFeePerGas', ifNull(tx.maxFeePerGas, ''), isNull(tx.maxFeePerGas) OR is_quantity(assumeNotNull(tx.maxFeePerGas), 64)),
                (
                    'maxPriorityFeePerGas',
                    ifNull(tx.maxPriorityFeePerGas, ''),
                    isNull(tx.maxPriorityFeePerGas) OR is_quantity(assumeNotNull(tx.maxPriorityFeePerGas), 64)
                ),
                (
                    'maxFeePerBlobGas',
                    ifNull(tx.maxFeePerBlobGas, ''),
                    isNull(tx.maxFeePerBlobGas) OR is_quantity(assumeNotNull(tx.maxFeePerBlobGas), 64)
                ),
                ('input', tx.input, is_data(tx.input))
            ], arrayMap(
                blob -> ('blobVersionedHashes', blob, is_bytes(blob, 64)), tx.blobVersionedHashes
            ), arrayMap(
                entry -> (
                    'accessList',
                    concat(entry.address, ' ', arrayStringConcat(entry.storageKeys, ' ')),
                    is_bytes(entry.address, 40) AND arrayAll(key -> is_bytes(key, 64), entry.storageKeys)
                ),
                tx.accessList
            ), arrayMap(
                a -> (
                    'authorizationList',
                    concat(a.chainId, ' ', a.address, ' ', a.nonce, ' ', a.r, ' ', a.s, ' ', ifNull(coalesce(a.yParity, a.v), '')),
                    is_quantity(a.chainId, 64) AND is_bytes(a.address, 40) AND is_quantity(a.nonce, 16)
                    AND is_quantity(a.r, 64) AND is_quantity(a.s, 64)
                    AND is_quantity(ifNull(coalesce(a.yParity, a.v), ''), 64)
                ),
                tx.authorizationList
            ))) AS found
        FROM staged_blocks
        ARRAY JOIN transactions AS tx, arrayEnumerate(transactions) AS position
        WHERE NOT ifNull(
            match(
                concat(
                    tx.hash, ' ', tx.nonce, ' ', tx.from, ' ', ifNull(tx.to, tx.from), ' ', tx.value, ' ', tx.gas, ' ',
                    ifNull(tx.gasPrice, ''), ' ', ifNull(tx.maxFeePerGas, '0x0'), ' ', ifNull(tx.maxPriorityFeePerGas, '0x0'), ' '
                ),
                '^(0x[0-9a-fA-F]+ )+$'
            )
            AND length(tx.hash) = 66 AND length(tx.from) = 42 AND length(ifNull(tx.to, tx.from)) = 42
            AND greatest(length(tx.nonce), length(tx.gas)) <= 18
            AND greatest(
                length(tx.value), length(tx.gasPrice), length(ifNull(tx.maxFeePerGas, '')), length(ifNull(tx.maxPriorityFeePerGas, ''))
            ) <= 66
            AND is_data(tx.input)
            AND length(tx.type) = 3 AND hexToUInt64(tx.type) <= 2 AND empty(tx.accessList),
            0
        )
    )
    ARRAY JOIN found AS wrong
)
ORDER BY block_number, place
LIMIT 10
