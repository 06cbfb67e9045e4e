-- Validator withdrawals, in wei.
--
-- builds: transfers
-- grain: chain_id, withdrawal
-- scope: commit
INSERT INTO transfers (
    chain_id, block_number, block_hash, block_timestamp, transaction_index, transaction_hash, kind, position,
    batch_index, from_address, to_address, token_address, token_id, amount, version
)
SELECT
    chain_id,
    block_number,
    block_hash,
    block_timestamp,
    4294967295,
    unhex(repeat('00', 32)),
    'withdrawal',
    withdrawal_position,
    0,
    unhex(repeat('00', 20)),
    address,
    unhex(repeat('00', 20)),
    0,
    toUInt256(amount_gwei) * 1000000000,
    {version:UInt64}
FROM withdrawals
WHERE chain_id = {chain_id:UInt64}
    AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    AND amount_gwei > 0
