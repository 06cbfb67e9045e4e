-- What the withdrawals trie holds of each staged withdrawal (EIP-4895); notation as in headers.sql.
SELECT
    hexToUInt64(number) AS block_number,
    concat(
        '[#', withdrawal.index, '#', withdrawal.validatorIndex, '$', withdrawal.address, '#', withdrawal.amount, ']'
    ) AS withdrawal,
    toInt64(5) AS withdrawal_items
FROM staged_blocks
ARRAY JOIN withdrawals AS withdrawal, arrayEnumerate(withdrawals) AS position
WHERE withdrawals != [('absent', '', '', '')]
ORDER BY block_number, position
