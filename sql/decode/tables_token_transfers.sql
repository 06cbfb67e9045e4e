-- Token transfers from account histories: as many rows as the history that shows most of them.
--
-- A transfer between two listed accounts stands in both histories; equal transfers of one transaction stand in one
-- history several times. The histories have no log index: position is a hash of the row, the same in every import.
INSERT INTO transfers (
    chain_id, block_number, block_timestamp, transaction_index, transaction_hash, kind, position, batch_index,
    from_address, to_address, token_address, token_id, amount, version
)
SELECT
    {chain_id:UInt64},
    seen.block,
    seen.ts,
    -- The left table knows the index only where the transaction itself is in somebody's history.
    if(known.tx_index_plus_one = 0, 4294967295, known.tx_index_plus_one - 1),
    seen.hash,
    'erc20',
    toUInt32(bitAnd(
        cityHash64(seen.hash, seen.token, seen.from, seen.to, seen.value_raw, seen.occurrence), 4294967295
    )),
    0,
    unhex(substring(seen.from, 3)),
    unhex(substring(seen.to, 3)),
    unhex(substring(seen.token, 3)),
    0,
    toUInt256(seen.value_raw),
    {version:UInt64}
FROM (
    SELECT
        block,
        hash,
        token,
        from,
        to,
        value_raw,
        any(ts) AS ts,
        arrayJoin(range(max(times))) AS occurrence
    FROM (
        SELECT account, block, hash, token, from, to, value_raw, any(ts) AS ts, count() AS times
        FROM staged_token_transfers
        GROUP BY account, block, hash, token, from, to, value_raw
    )
    GROUP BY block, hash, token, from, to, value_raw
) AS seen
LEFT JOIN (
    SELECT block, toString(reverse(reinterpretAsFixedString(hash8))) AS hash_start, any(tx_index) + 1 AS tx_index_plus_one
    FROM staged_transactions
    GROUP BY block, hash_start
) AS known ON known.block = seen.block AND known.hash_start = substring(seen.hash, 1, 8)
