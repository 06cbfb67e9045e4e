-- Every transfer of a range of blocks from either side, for questions that begin with an address.
--
-- builds: address_transfers
-- grain: chain_id, transfer, side
-- scope: block
INSERT INTO address_transfers (
    chain_id, address, block_number, block_timestamp, transaction_index, kind, position, batch_index, direction,
    counterparty_address, token_address, token_id, amount, amount_overflow, doubt, version
)
SELECT
    {chain_id:UInt64},
    side.1,
    block_number,
    block_timestamp,
    transaction_index,
    kind,
    position,
    batch_index,
    side.3,
    side.2,
    token_address,
    token_id,
    amount,
    amount_overflow,
    doubt,
    {version:UInt64}
FROM transfers
ARRAY JOIN [(from_address, to_address, 'out'), (to_address, from_address, 'in')] AS side
WHERE chain_id = {chain_id:UInt64}
    AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    AND side.1 != toFixedString('', 20)
