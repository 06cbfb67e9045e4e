-- What some addresses received on other chains from nobody or from a bridge, for following money across.
--
-- A bridge is who labels called one at the time when it paid.
SELECT
    chain_id,
    address,
    block_number,
    transaction_index,
    toUnixTimestamp(block_timestamp) AS seconds,
    token_address,
    amount
FROM address_transfers AS moved
WHERE chain_id IN (SELECT arrayJoin({chains:Array(UInt64)}))
    AND address IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
    AND block_timestamp BETWEEN toDateTime({from_seconds:UInt32}, 'UTC') AND toDateTime({to_seconds:UInt32}, 'UTC')
    AND direction = 'in' AND amount > 0 AND NOT amount_overflow AND kind IN ('native', 'internal', 'erc20', 'wrap')
    AND (
        counterparty_address = toFixedString('', 20)
        OR (chain_id, counterparty_address, block_number, transaction_index) IN (
            SELECT chain_id, counterparty_address, block_number, transaction_index
            FROM address_transfers AS paid
            INNER JOIN (
                SELECT chain_id, address AS bridge, valid_from, valid_to
                FROM address_actors
                WHERE category = 'bridge' AND chain_id IN (SELECT arrayJoin({chains:Array(UInt64)}))
            ) AS said ON said.chain_id = paid.chain_id AND said.bridge = paid.counterparty_address
            WHERE chain_id IN (SELECT arrayJoin({chains:Array(UInt64)}))
                AND address IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
                AND block_timestamp BETWEEN toDateTime({from_seconds:UInt32}, 'UTC') AND toDateTime({to_seconds:UInt32}, 'UTC')
                AND valid_from <= block_timestamp AND block_timestamp < valid_to
        )
    )
ORDER BY chain_id, block_number, transaction_index
LIMIT 1000
