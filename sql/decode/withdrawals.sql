-- Validator withdrawals of the staged blocks.
INSERT INTO withdrawals (
    chain_id, block_number, block_hash, block_timestamp, withdrawal_position, withdrawal_index, validator_index,
    address, amount_gwei, version
)
SELECT
    {chain_id:UInt64},
    hexToUInt64(number),
    hexToWord(hash),
    toDateTime(hexToUInt64(timestamp), 'UTC'),
    position - 1,
    hexToUInt64(withdrawal.index),
    hexToUInt64(withdrawal.validatorIndex),
    hexToAddress(withdrawal.address),
    hexToUInt64(withdrawal.amount),
    {version:UInt64}
FROM staged_blocks
ARRAY JOIN withdrawals AS withdrawal, arrayEnumerate(withdrawals) AS position
WHERE withdrawals != [('absent', '', '', '')]
