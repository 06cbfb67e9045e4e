-- Tokens whose balance changes are not what their transfers and rewards brought in from nobody, less what went to nobody.
--
-- Looked at are the blocks that have changes at all: what was not derived yet is no fault.
SELECT concat('0x', lower(hex(token_address))) AS token, standard, toString(sum(change)) AS changed, toString(sum(transfer)) AS moved
FROM (
    SELECT token_address, CAST(standard AS String) AS standard, delta AS change, toInt256(0) AS transfer
    FROM balance_changes
    WHERE chain_id = {chain_id:UInt64}
    UNION ALL
    SELECT
        token_address,
        multiIf(kind IN ('native', 'internal', 'withdrawal', 'fee'), 'native', kind = 'wrap', 'erc20', CAST(kind AS String)),
        toInt256(0),
        if(to_address = toFixedString('', 20), -toInt256(amount), toInt256(amount))
    FROM transfers
    WHERE chain_id = {chain_id:UInt64}
        AND block_number IN (SELECT block_number FROM balance_changes WHERE chain_id = {chain_id:UInt64})
        AND (from_address = toFixedString('', 20)) != (to_address = toFixedString('', 20))
        AND NOT amount_overflow
        AND doubt NOT IN ('unlisted_wrapper', 'collection_with_amount')
    UNION ALL
    SELECT toFixedString('', 20), 'native', toInt256(0), toInt256(value)
    FROM traces
    WHERE chain_id = {chain_id:UInt64}
        AND block_number IN (SELECT block_number FROM balance_changes WHERE chain_id = {chain_id:UInt64})
        AND trace_type = 'reward'
        AND to_address != toFixedString('', 20)
        AND value < bitShiftLeft(toUInt256(1), 224)
)
GROUP BY token_address, standard
HAVING sum(change) != sum(transfer)
ORDER BY token, standard
LIMIT 100
