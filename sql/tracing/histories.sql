-- Whole histories of some addresses in time order, for tracing: one row per transfer and side, amounts exact.
--
-- Rows that move nothing or would not add up (amount_overflow) are left out, so are spam tokens of addresses that have very many
-- rows. Within a transaction the payment comes first, calls and events next in their own order, the fee last. A row may be there
-- in several versions, the newest first: the reader takes that one, which costs less than FINAL or LIMIT BY, and drops it where
-- it is_left_out (withdrawn, or in doubt).
-- Addresses come as values and not as a question within the question: that halves the time (bench/RESULTS.md, trace).
SELECT
    address,
    block_number,
    toUnixTimestamp(block_timestamp) AS seconds,
    transaction_index,
    transform(CAST(kind AS String), ['native', 'internal', 'fee', 'withdrawal', 'erc721', 'erc1155'], [0, 2, 9, 0, 4, 5], 3) AS rank,
    position,
    batch_index,
    direction = 'in' AS is_in,
    counterparty_address,
    sipHash64(token_address, token_id) AS asset_key,
    token_address,
    token_id,
    amount,
    is_deleted OR doubt != '' AS is_left_out
FROM address_transfers
PREWHERE chain_id = {chain_id:UInt64} AND address IN {addresses:Array(FixedString(20))}
WHERE block_number <= {until_block:UInt64}
    AND amount BETWEEN 1 AND bitShiftLeft(toUInt256(1), 224) - 1 AND address != counterparty_address
    AND NOT has({spam_tokens:Array(FixedString(20))}, token_address)
ORDER BY address, block_number, transaction_index, rank, position, batch_index, is_in, version DESC
SETTINGS final = 0
