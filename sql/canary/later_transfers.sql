-- The movements of the future that never was, with a token that nobody had before.
--
-- builds: transfers
INSERT INTO transfers (chain_id, block_number, block_timestamp, transaction_index, transaction_hash, kind, position, batch_index,
    from_address, to_address, token_address, token_id, amount)
SELECT
    chain_id, block_number, block_timestamp, transaction_index, transaction_hash, kind, position, batch_index,
    to_address, from_address, token_address, token_id, amount * 3 + 1
FROM {database:Identifier}.transfers AS stored
WHERE chain_id = {chain_id:UInt64} AND block_number > {to_block:UInt64}
    AND (
        from_address IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
        OR to_address IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
    )
UNION ALL
SELECT
    {chain_id:UInt64}, {to_block:UInt64} + 1 + number, toDateTime({moment:UInt32} + 600 * number, 'UTC'), toUInt32(number),
    toFixedString('canary', 32), kind, 0, 0, if(number % 2 = 1, wallet, stranger), if(number % 2 = 1, stranger, wallet),
    if(kind = 'native', toFixedString('', 20), toFixedString('canary token', 20)), toUInt256(0), toUInt256(987654321) * 1000000000000
FROM
(
    SELECT
        arrayJoin({addresses:Array(FixedString(20))}) AS wallet, toFixedString('canary', 20) AS stranger,
        arrayJoin([toUInt64(0), toUInt64(1), toUInt64(2)]) AS number, arrayJoin(['native', 'erc20']) AS kind
)
