-- Every movement between two numbered addresses as an edge for the graph encoder, in the order of the chain.
--
-- token_class: 0 coins, 1 stablecoins, 2 other fungible tokens, 3 collectibles. Amounts of tokens nobody prices say nothing across
-- tokens, so only coins and stablecoins have one: log(1 + thousandths of a coin), log(1 + units of money).
SELECT
    givers.address_id AS giver,
    receivers.address_id AS receiver,
    toInt64(toUnixTimestamp(moved.block_timestamp)) AS moment,
    multiIf(
        moved.kind IN ('native', 'internal', 'withdrawal', 'wrap'), 0,
        moved.kind IN ('erc721', 'erc1155'), 3,
        has({stablecoins:Array(String)}, concat('0x', lower(hex(moved.token_address)))), 1,
        2
    ) AS token_class,
    multiIf(
        token_class = 0, log1p(toFloat64(moved.amount) / 1e15),
        token_class = 1, log1p(toFloat64(moved.amount) / exp10(ifNull(known.decimals, 18))),
        0
    ) AS log_amount
FROM transfers AS moved
INNER JOIN (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}) AS givers
    ON givers.address = moved.from_address
INNER JOIN (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}) AS receivers
    ON receivers.address = moved.to_address
LEFT JOIN (SELECT token_address, decimals FROM tokens WHERE chain_id = {chain_id:UInt64}) AS known
    ON known.token_address = moved.token_address
WHERE moved.chain_id = {chain_id:UInt64} AND moved.block_number <= {to_block:UInt64} AND moved.kind != 'fee'
ORDER BY moved.block_number, moved.transaction_index, moved.kind, moved.position, moved.batch_index
