-- The block in the middle of what some wallets do.
SELECT toUInt64(quantileExact(0.5)(block_number)) AS block_number
FROM transfers
WHERE chain_id = {chain_id:UInt64}
    AND (from_address IN {addresses:Array(FixedString(20))} OR to_address IN {addresses:Array(FixedString(20))})
