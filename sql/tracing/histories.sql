-- Whole histories of some addresses in time order, for tracing: one row per transfer and side, amounts exact.
--
-- Within a transaction the payment comes first, calls and events next in their own order, the fee last. A row may be there in
-- several versions, the newest first: the reader takes that one, which costs less than FINAL or LIMIT BY, and drops it where it
-- is_left_out: withdrawn, in doubt, it moves nothing, would not add up (amount_overflow), or is of a spam token of an address
-- that has very many rows. So only what all versions of a row have in common, its key, may stand in WHERE: whoever withdraws a
-- row writes nothing but its key, and an older version must not come back because the newest was filtered away.
-- Addresses come as values and not as a question within the question: that halves the time (bench/RESULTS.md, trace).
SELECT
    address,
    block_number,
    toUnixTimestamp(block_timestamp) AS seconds,
    transaction_index,
    transform(CAST(kind AS String), {kinds:Array(String)}, {ranks:Array(UInt8)}, {other_rank:UInt8}) AS rank,
    position,
    batch_index,
    direction = 'in' AS is_in,
    counterparty_address,
    sipHash64(token_address, token_id) AS asset_key,
    token_address,
    token_id,
    amount,
    (
        is_deleted OR doubt != '' OR address = counterparty_address
        OR amount = 0 OR amount >= bitShiftLeft(toUInt256(1), 224)
        OR sipHash64(address, token_address) IN (SELECT arrayJoin({spam_keys:Array(UInt64)}))
    ) AS is_left_out
FROM address_transfers
PREWHERE chain_id = {chain_id:UInt64} AND address IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
WHERE block_number <= {until_block:UInt64}
ORDER BY address, block_number, transaction_index, rank, position, batch_index, is_in, version DESC
SETTINGS final = 0
