-- Events that look like a transfer and are none that can be believed, each with the reason.
--
-- builds: quarantined_logs
-- grain: chain_id, log
-- scope: commit
--
-- A Deposit or Withdrawal that is well formed and yet no transfer repeats a Transfer of its transaction (see transfers_wrap).
-- What transfers_erc20, _erc721, _erc1155 and _wrap leave out is here: sql/checks/transfer_logs_without_fate.sql holds the two
-- against each other. An indexed address has twelve zero bytes before it; compilers never write others, wallets refuse them.
INSERT INTO quarantined_logs (
    chain_id, block_number, block_hash, block_timestamp, transaction_index, transaction_hash, log_index, address, event,
    reason, sentence, version
)
WITH
    multiIf(
        topics[1] = unhex('ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'), 'Transfer',
        topics[1] = unhex('c3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62'), 'TransferSingle',
        topics[1] = unhex('4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb'), 'TransferBatch',
        topics[1] = unhex('e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c'), 'Deposit',
        'Withdrawal'
    ) AS event,
    length(topics) AS topic_count,
    length(data) AS size,
    multiIf(
        event = 'Transfer', (topic_count, size) IN ((3, 32), (4, 0), (1, 96)),
        event = 'TransferSingle', (topic_count, size) = (4, 64),
        event = 'TransferBatch', topic_count = 4 AND size >= 128 AND size % 32 = 0,
        (topic_count, size) IN ((2, 32), (1, 64))
    ) AS has_shape,
    unhex(repeat('00', 12)) AS clean,
    -- The words that hold addresses; the operator of ERC-1155 among them.
    multiIf(
        topic_count = 1, if(event = 'Transfer', [substring(data, 1, 32), substring(data, 33, 32)], [substring(data, 1, 32)]),
        event IN ('TransferSingle', 'TransferBatch'), arrayMap(topic -> substring(topic, 1, 32), arraySlice(topics, 2, 3)),
        arrayMap(topic -> substring(topic, 1, 32), arraySlice(topics, 2, 2))
    ) AS address_words,
    arrayAll(address_word -> startsWith(address_word, clean), address_words) AS is_clean,
    -- Offsets and lengths are bounded by the data before they become positions: a forged one costs nothing and cannot wrap.
    reinterpretAsUInt256(reverse(substring(data, 1, 32))) AS ids_offset,
    reinterpretAsUInt256(reverse(substring(data, 33, 32))) AS values_offset,
    toUInt64(least(ids_offset, size)) AS ids_at,
    toUInt64(least(values_offset, size)) AS values_at,
    least(reinterpretAsUInt256(reverse(substring(data, ids_at + 1, 32))), toUInt256(4294967296)) AS ids_count,
    least(reinterpretAsUInt256(reverse(substring(data, values_at + 1, 32))), toUInt256(4294967296)) AS values_count,
    multiIf(
        NOT has_shape, 'other_shape',
        NOT is_clean, 'dirty_address',
        event IN ('Deposit', 'Withdrawal'), if(
            (block_number, log_index) IN (
                SELECT block_number, position
                FROM transfers
                WHERE chain_id = {chain_id:UInt64}
                    AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
                    AND kind = 'wrap'
            ),
            '', 'said_twice'
        ),
        event != 'TransferBatch', '',
        ids_at + 32 > size OR values_at + 32 > size, 'out_of_bounds',
        ids_at % 32 != 0 OR values_at % 32 != 0, 'unaligned_array',
        ids_at + 32 + 32 * toUInt64(ids_count) > size OR values_at + 32 + 32 * toUInt64(values_count) > size, 'out_of_bounds',
        ids_count != values_count, 'unequal_arrays',
        ids_count = 0, 'empty_batch',
        least(ids_at, values_at) < 64, 'overlapping_arrays',
        greatest(ids_at, values_at) < least(ids_at, values_at) + 32 + 32 * toUInt64(ids_count), 'overlapping_arrays',
        ''
    ) AS reason
SELECT
    chain_id,
    block_number,
    block_hash,
    block_timestamp,
    transaction_index,
    transaction_hash,
    log_index,
    address,
    event,
    reason,
    multiIf(
        reason = 'other_shape', concat(
            event, ' with ', toString(topic_count), ' topics and ', toString(size), ' bytes of data has no form that a token standard knows.'
        ),
        reason = 'dirty_address', concat(event, ' has bytes before an address that should be zero.'),
        reason = 'said_twice', concat('The same transaction says this ', event, ' by a Transfer, too.'),
        reason = 'out_of_bounds', 'An array of the batch does not lie within the data.',
        reason = 'unaligned_array', 'An array of the batch does not start at a whole word.',
        reason = 'unequal_arrays', concat(
            'The batch has ', toString(ids_count), ' ids and ', toString(values_count), ' values.'
        ),
        reason = 'empty_batch', 'The batch moves nothing.',
        'The arrays of the batch lie over each other or over their offsets.'
    ) AS sentence,
    {version:UInt64}
FROM (
    SELECT *
    FROM logs
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND topics[1] IN (
            unhex('ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'),
            unhex('c3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62'),
            unhex('4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb'),
            unhex('e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c'),
            unhex('7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65')
        )
)
WHERE reason != ''
