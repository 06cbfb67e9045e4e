-- How many moves a wallet has up to a block; one to itself counts once.
SELECT
    (
        SELECT count()
        FROM transactions AS called
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND called.to_address IS NOT NULL
            AND (from_address = toFixedString(unhex({address:String}), 20) OR called.to_address = toFixedString(unhex({address:String}), 20))
    ) + (
        SELECT count()
        FROM address_transfers
        WHERE chain_id = {chain_id:UInt64} AND address = toFixedString(unhex({address:String}), 20)
            AND block_number <= {to_block:UInt64} AND kind NOT IN ('native', 'fee')
            AND NOT (direction = 'in' AND counterparty_address = address)
    ) AS moves
