-- Native coin moved inside transactions: by calls, creations and self-destructs that were not undone.
--
-- builds: transfers
-- grain: chain_id, trace
-- scope: commit
--
-- The root call is the native transfer of its transaction; delegatecall, callcode and staticcall move nothing.
INSERT INTO transfers (
    chain_id, block_number, block_hash, block_timestamp, transaction_index, transaction_hash, kind, position,
    batch_index, from_address, to_address, token_address, token_id, amount, version
)
SELECT
    chain_id,
    block_number,
    block_hash,
    block_timestamp,
    transaction_index,
    transaction_hash,
    'internal',
    trace_index,
    0,
    from_address,
    ifNull(to_address, unhex(repeat('00', 20))),
    unhex(repeat('00', 20)),
    0,
    value,
    {version:UInt64}
FROM traces
WHERE chain_id = {chain_id:UInt64}
    AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    AND value > 0
    AND reverted = 0
    -- Converted traces may not say that the root failed; the receipt does.
    AND (block_number, transaction_index) NOT IN (
        SELECT block_number, transaction_index
        FROM transactions
        WHERE chain_id = {chain_id:UInt64}
            AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
            AND success = 0
    )
    AND notEmpty(trace_address)
    AND (trace_type IN ('create', 'suicide') OR (trace_type = 'call' AND call_type = 'call'))
