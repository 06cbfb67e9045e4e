-- The own transactions of each address that sent one, in order of time: how much, which way, when.
--
-- grain: wallet, transaction
--
-- Plain calls count with an amount of 0. Failed ones are there, as the wallet meant them, but move nothing. What a wallet sends to
-- itself is sent. Of longer histories the first {most_moves} are read. With addresses (hex) only theirs, sent or not.
SELECT
    lower(hex(address)) AS wallet,
    toInt64(toUnixTimestamp(block_timestamp)) AS moment,
    is_out,
    if(success = 0, 0., toFloat64(value) / 1e18) AS amount
FROM
(
    SELECT from_address AS address, 1 AS is_out, block_number, transaction_index, block_timestamp, value, success
    FROM transactions
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64}
    UNION ALL
    SELECT assumeNotNull(to_address) AS address, 0 AS is_out, block_number, transaction_index, block_timestamp, value, success
    FROM transactions
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64}
      AND to_address IS NOT NULL AND to_address != from_address
)
WHERE if(
    empty({addresses:Array(String)}),
    address IN (
        SELECT from_address FROM transactions
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64}
    ),
    lower(hex(address)) IN (SELECT arrayJoin({addresses:Array(String)}))
)
ORDER BY wallet, block_number, transaction_index
LIMIT {most_moves:UInt32} BY wallet
