-- Whole histories of some addresses in time order, for tracing: one row per transfer and side, amounts exact.
--
-- Addresses with more transfers than the cap are left out, so that nobody waits for a hub; so are rows that would not add up
-- (amount_overflow) or are in doubt, and payments to oneself, which move nothing. Within a transaction the payment comes first,
-- calls and events next in their own order, the fee last. Superseded and withdrawn rows are dropped here and not by FINAL,
-- which reads twice as long: the few rows of some addresses are cheaper to compare than whole ranges to merge.
WITH
    hubs AS (
        SELECT address
        FROM (
            SELECT address, argMax(in_count + out_count, version) AS transfer_count
            FROM address_daily_flows
            WHERE chain_id = {chain_id:UInt64} AND address IN (SELECT toFixedString(unhex(arrayJoin({addresses:Array(String)})), 20))
            GROUP BY address, day, token_address
        )
        GROUP BY address
        HAVING sum(transfer_count) > {hub_cap:UInt64}
    )
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
    amount
FROM (
    SELECT *
    FROM address_transfers
    WHERE chain_id = {chain_id:UInt64}
        AND block_number <= {until_block:UInt64}
        AND address IN (SELECT toFixedString(unhex(arrayJoin({addresses:Array(String)})), 20))
        AND address NOT IN (SELECT address FROM hubs)
    ORDER BY address, block_number, transaction_index, kind, position, batch_index, direction, version DESC
    LIMIT 1 BY address, block_number, transaction_index, kind, position, batch_index, direction
)
WHERE NOT is_deleted AND amount > 0 AND NOT amount_overflow AND doubt = '' AND address != counterparty_address
ORDER BY address, block_number, transaction_index, rank, position, batch_index
SETTINGS final = 0
