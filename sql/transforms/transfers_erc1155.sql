-- ERC-1155 transfers: one row for TransferSingle, one row per item for TransferBatch.
--
-- builds: transfers
-- grain: chain_id, log, item of the batch (batch_index)
--
-- A batch is two ABI arrays. It counts only if its ids stand right after the two offsets, both arrays lie within the
-- data and are equally long; whatever does not is no transfer that a wallet could have meant.
INSERT INTO transfers (
    chain_id, block_number, block_hash, block_timestamp, transaction_index, transaction_hash, kind, position,
    batch_index, from_address, to_address, token_address, token_id, amount, version
)
WITH
    unhex('c3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62') AS transfer_single,
    unhex('4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb') AS transfer_batch,
    intDiv(length(data), 32) AS words,
    topics[1] = transfer_single AS is_single,
    -- Bounded by the data, so that a forged length costs nothing.
    toUInt32(least(intDiv(reinterpretAsUInt256(reverse(substring(data, 1, 32))), 32), words)) AS ids_at,
    toUInt32(least(intDiv(reinterpretAsUInt256(reverse(substring(data, 33, 32))), 32), words)) AS values_at,
    toUInt32(least(reinterpretAsUInt256(reverse(substring(data, ids_at * 32 + 1, 32))), words)) AS ids_count,
    toUInt32(least(reinterpretAsUInt256(reverse(substring(data, values_at * 32 + 1, 32))), words)) AS values_count,
    if(is_single, 1, ids_count) AS items
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
    reinterpretAsUInt256(reverse(substring(data, if(is_single, 0, ids_at + 1 + item) * 32 + 1, 32))),
    reinterpretAsUInt256(reverse(substring(data, if(is_single, 1, values_at + 1 + item) * 32 + 1, 32))),
    {version:UInt64}
FROM (
    SELECT *
    FROM logs
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND length(topics) = 4
        AND topics[1] IN (transfer_single, transfer_batch)
)
ARRAY JOIN range(items) AS item
WHERE (is_single AND length(data) = 64)
    OR (
        NOT is_single
        AND words >= 4
        AND ids_count = values_count
        AND ids_at + 1 + ids_count <= words
        AND values_at + 1 + values_count <= words
    )
