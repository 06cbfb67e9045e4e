-- Events of the future that never was: each wallet shows itself as a contract, and may spend what a stranger has.
--
-- builds: logs
INSERT INTO logs (chain_id, block_number, block_timestamp, log_index, address, topics, data)
SELECT
    {chain_id:UInt64}, {to_block:UInt64} + 1, toDateTime({moment:UInt32}, 'UTC'), number, wallet,
    [
        unhex('8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925'),
        toFixedString('canary', 32),
        toFixedString(concat(toFixedString('', 12), wallet), 32)
    ],
    unhex(repeat('ff', 32))
FROM (SELECT wallet, toUInt32(number) AS number FROM (SELECT {addresses:Array(FixedString(20))} AS all) ARRAY JOIN all AS wallet, arrayEnumerate(all) AS number)
