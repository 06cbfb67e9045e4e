-- Movements of the native coin too large for any supply: no hash covers calls below the root, so a node can state anything.
SELECT block_number, kind, position, toString(amount) AS stated
FROM transfers
WHERE chain_id = {chain_id:UInt64}
    AND kind IN ('native', 'internal', 'withdrawal', 'fee')
    AND amount >= bitShiftLeft(toUInt256(1), 127)
ORDER BY block_number, kind, position
LIMIT 100
