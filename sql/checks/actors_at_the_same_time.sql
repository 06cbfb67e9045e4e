-- Addresses that belong to two actors of one aspect at the same time.
SELECT concat('0x', lower(hex(address))) AS of_address, aspect, valid_from, actor
FROM
(
    SELECT
        address, aspect, valid_from, actor,
        lagInFrame(valid_to, 1, toDateTime(0, 'UTC')) OVER (
            PARTITION BY address, aspect ORDER BY valid_from ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS until_before
    FROM address_actors
    WHERE chain_id = {chain_id:UInt64}
)
WHERE valid_from < until_before
ORDER BY of_address, aspect, valid_from
LIMIT 100
