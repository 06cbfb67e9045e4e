-- Staged transactions that were signed for another chain: by their chainId, else by EIP-155's v; before that they do not say.
SELECT hexToUInt64(number) AS block_number, position - 1 AS transaction_index, stated AS chain_id
FROM (
    SELECT
        number,
        position,
        coalesce(
            if(isNull(tx.chainId), NULL, hexToUInt64(tx.chainId)),
            if(hexToUInt64(tx.type) = 0 AND hexToUInt64(tx.v) >= 35, intDiv(hexToUInt64(tx.v) - 35, 2), NULL)
        ) AS stated
    FROM staged_blocks
    ARRAY JOIN transactions AS tx, arrayEnumerate(transactions) AS position
)
WHERE stated != {chain_id:UInt64}
ORDER BY block_number, transaction_index
LIMIT 1
