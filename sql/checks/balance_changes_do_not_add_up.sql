-- Balances that changed in a block by something else than what the transfers and rewards of the block moved.
--
-- Of one address in sixteen in every block, of all addresses in the last thousand blocks. Looked at are the blocks that have
-- changes at all: what was not derived yet is no fault.
WITH
    (SELECT max(block_number) FROM balance_changes WHERE chain_id = {chain_id:UInt64}) AS last_block,
    (SELECT min(block_number) FROM balance_changes WHERE chain_id = {chain_id:UInt64}) AS first_block
SELECT
    concat('0x', lower(hex(who))) AS address, concat('0x', lower(hex(token))) AS token, standard, block,
    toString(sum(change)) AS changed, toString(sum(transfer)) AS moved
FROM (
    SELECT
        address AS who, token_address AS token, CAST(standard AS String) AS standard, token_id AS id, block_number AS block,
        delta AS change, toInt256(0) AS transfer
    FROM balance_changes
    WHERE chain_id = {chain_id:UInt64} AND (cityHash64(address) % 16 = 0 OR block_number + 1000 > last_block)
    UNION ALL
    SELECT
        side.1, token_address,
        multiIf(kind IN ('native', 'internal', 'withdrawal', 'fee'), 'native', kind = 'wrap', 'erc20', CAST(kind AS String)),
        token_id, block_number, toInt256(0), multiIf(is_left_out, toInt256(0), side.2, toInt256(amount), -toInt256(amount))
    FROM transfers
    ARRAY JOIN [(from_address, 0), (to_address, 1)] AS side
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN first_block AND last_block
        AND side.1 != toFixedString('', 20)
        AND (cityHash64(side.1) % 16 = 0 OR block_number + 1000 > last_block)
    UNION ALL
    SELECT
        assumeNotNull(to_address), toFixedString('', 20), 'native', 0, block_number, toInt256(0),
        if(value < bitShiftLeft(toUInt256(1), 224), toInt256(value), toInt256(0))
    FROM traces
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN first_block AND last_block
        AND trace_type = 'reward'
        AND ifNull(to_address, toFixedString('', 20)) != toFixedString('', 20)
        AND (cityHash64(assumeNotNull(to_address)) % 16 = 0 OR block_number + 1000 > last_block)
)
WHERE block IN (SELECT block_number FROM balance_changes WHERE chain_id = {chain_id:UInt64})
GROUP BY who, token, standard, id, block
HAVING sum(change) != sum(transfer)
ORDER BY block, address, token, standard
LIMIT 100
