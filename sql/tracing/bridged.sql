-- What some addresses received on other chains from nobody or from a bridge, for following money across.
SELECT
    chain_id,
    address,
    block_number,
    transaction_index,
    toUnixTimestamp(block_timestamp) AS seconds,
    token_address,
    amount
FROM address_transfers
WHERE chain_id IN {chains:Array(UInt64)}
    AND address IN (SELECT toFixedString(unhex(arrayJoin({addresses:Array(String)})), 20))
    AND block_timestamp BETWEEN toDateTime({from_seconds:UInt32}, 'UTC') AND toDateTime({to_seconds:UInt32}, 'UTC')
    AND direction = 'in' AND amount > 0 AND NOT amount_overflow AND kind IN ('native', 'internal', 'erc20', 'wrap')
    AND (
        counterparty_address = toFixedString('', 20)
        OR (chain_id, counterparty_address) IN (
            SELECT chain_id, address
            FROM address_actors
            WHERE category = 'bridge' AND chain_id IN {chains:Array(UInt64)}
        )
    )
ORDER BY chain_id, block_number, transaction_index
LIMIT 1000
