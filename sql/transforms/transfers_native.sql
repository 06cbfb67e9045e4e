-- Native coin sent by transactions that did not fail.
--
-- builds: transfers
-- grain: chain_id, transaction
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
    transaction_index,
    transaction_hash,
    'native',
    transaction_index,
    0,
    from_address,
    -- A creation pays the contract it creates.
    coalesce(to_address, contract_address, unhex(repeat('00', 20))),
    unhex(repeat('00', 20)),
    0,
    value,
    {version:UInt64}
FROM transactions
WHERE chain_id = {chain_id:UInt64}
    AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    -- 2 says that there is no receipt, or one from before Byzantium, which does not say whether the transaction failed. Then the
    -- trace of the call it was sent as does; without one what was sent counts as moved.
    AND success != 0
    AND value > 0
    AND NOT (success = 2 AND (block_number, transaction_index) IN (
        SELECT block_number, transaction_index
        FROM traces
        WHERE chain_id = {chain_id:UInt64}
            AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
            AND reverted = 1
            AND empty(trace_address)
    ))
