-- ERC-1155 transfers: one row for TransferSingle, one row per item for TransferBatch.
--
-- builds: transfers
-- grain: chain_id, log, item of the batch (batch_index)
-- scope: commit
--
-- A batch is two ABI arrays. It counts only if both stand at whole words within the data, do not lie over each other or over
-- their offsets, and are equally long; the rest is in quarantined_logs.
INSERT INTO transfers (
    chain_id, block_number, block_hash, block_timestamp, transaction_index, transaction_hash, kind, position,
    batch_index, from_address, to_address, token_address, token_id, amount, version
)
WITH
    unhex('c3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62') AS transfer_single,
    unhex('4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb') AS transfer_batch,
    unhex(repeat('00', 12)) AS clean,
    length(data) AS size,
    topics[1] = transfer_single AS is_single,
    -- Bounded by the data, so that a forged offset or length costs nothing and cannot wrap.
    toUInt64(least(reinterpretAsUInt256(reverse(substring(data, 1, 32))), size)) AS ids_at,
    toUInt64(least(reinterpretAsUInt256(reverse(substring(data, 33, 32))), size)) AS values_at,
    toUInt64(least(reinterpretAsUInt256(reverse(substring(data, ids_at + 1, 32))), size)) AS ids_count,
    toUInt64(least(reinterpretAsUInt256(reverse(substring(data, values_at + 1, 32))), size)) AS values_count,
    multiIf(
        is_single, toUInt64(size = 64),
        size >= 128
        AND size % 32 = 0
        AND ids_at % 32 = 0
        AND values_at % 32 = 0
        AND ids_count = values_count
        AND ids_at + 32 + 32 * ids_count <= size
        AND values_at + 32 + 32 * values_count <= size
        AND least(ids_at, values_at) >= 64
        AND greatest(ids_at, values_at) >= least(ids_at, values_at) + 32 + 32 * ids_count, ids_count,
        0
    ) AS items
SELECT
    chain_id,
    block_number,
    block_hash,
    block_timestamp,
    transaction_index,
    transaction_hash,
    'erc1155',
    log_index,
    item,
    substring(topics[3], 13),
    substring(topics[4], 13),
    address,
    reinterpretAsUInt256(reverse(substring(data, if(is_single, 0, ids_at + 32 + 32 * item) + 1, 32))),
    reinterpretAsUInt256(reverse(substring(data, if(is_single, 32, values_at + 32 + 32 * item) + 1, 32))),
    {version:UInt64}
FROM (
    SELECT *
    FROM logs
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND length(topics) = 4
        AND topics[1] IN (transfer_single, transfer_batch)
        AND arrayAll(topic -> startsWith(topic, clean), arraySlice(topics, 2))
)
ARRAY JOIN range(items) AS item
