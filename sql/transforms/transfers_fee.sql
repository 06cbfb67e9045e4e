-- What each transaction paid for gas: burnt part, tip to the miner, and blob fee.
--
-- builds: transfers
-- grain: chain_id, transaction, part (batch_index 0 burnt, 1 tip, 2 blob)
-- scope: commit
--
-- Failed transactions pay too. Where the block is unknown (account histories) so are base fee and miner: the whole
-- fee is one tip row to the zero address.
INSERT INTO transfers (
    chain_id, block_number, block_hash, block_timestamp, transaction_index, transaction_hash, kind, position,
    batch_index, from_address, to_address, token_address, token_id, amount, version
)
SELECT
    t.chain_id,
    t.block_number,
    t.block_hash,
    t.block_timestamp,
    t.transaction_index,
    t.transaction_hash,
    'fee',
    t.transaction_index,
    part.1,
    t.from_address,
    part.2,
    unhex(repeat('00', 20)),
    0,
    part.3,
    {version:UInt64}
FROM transactions AS t
LEFT JOIN (
    SELECT block_number, miner, ifNull(base_fee_per_gas, 0) AS base_fee
    FROM blocks
    WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
) AS b ON b.block_number = t.block_number
ARRAY JOIN [
    (0, toFixedString('', 20), toUInt256(b.base_fee * t.gas_used)),
    (1, b.miner, toUInt256(greatest(t.effective_gas_price, b.base_fee) - b.base_fee) * t.gas_used),
    (2, toFixedString('', 20), toUInt256(t.blob_gas_price * t.blob_gas_used))
] AS part
WHERE t.chain_id = {chain_id:UInt64}
    AND t.block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    AND part.3 > 0
