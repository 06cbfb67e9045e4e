-- The bytes of each staged withdrawal that the withdrawals trie holds (EIP-4895).
SELECT
    hexToUInt64(number) AS block_number,
    rlpList(concat(
        rlpQuantity(withdrawal.index),
        rlpQuantity(withdrawal.validatorIndex),
        rlpString(hexToBytes(withdrawal.address)),
        rlpQuantity(withdrawal.amount)
    )) AS withdrawal
FROM staged_blocks
ARRAY JOIN withdrawals AS withdrawal, arrayEnumerate(withdrawals) AS position
ORDER BY block_number, position
