-- A wallet that gives its whole balance to a wallet nobody used before, and is not used again: its owner moved on.
--
-- grain: old and new wallet
WITH
    natives AS
    (
        SELECT * FROM moves
        WHERE token_address = unhex(repeat('00', 20)) AND from_address NOT IN (SELECT address FROM entity_carriers)
    ),
    lives AS
    (
        SELECT
            from_address AS wallet, sum(units) AS sent,
            argMax((to_address, units, transaction_hash, block_number), (block_number, transaction_index, position)) AS parting
        FROM natives
        GROUP BY wallet
    ),
    got AS
    (
        SELECT
            to_address AS wallet, sum(units) AS total, min(block_number) AS first_block, max(block_number) AS last_block,
            argMin(from_address, (block_number, transaction_index, position)) AS first_giver
        FROM moves
        WHERE token_address = unhex(repeat('00', 20)) AND to_address NOT IN (SELECT address FROM entity_carriers)
        GROUP BY wallet
    )
SELECT
    if(lives.wallet < heir, lives.wallet, heir) AS left_address,
    if(lives.wallet < heir, heir, lives.wallet) AS right_address,
    toFixedString('', 20) AS via_address,
    least(1, lives.sent / old.total) AS strength,
    concat(
        '0x', lower(hex(lives.wallet)), ' ended by giving its balance to 0x', lower(hex(parting.1)), ', which had not been used before.'
    ) AS sentence,
    [parting.3] AS evidence
FROM (SELECT *, parting.1 AS heir FROM lives) AS lives
INNER JOIN got AS old ON old.wallet = lives.wallet
INNER JOIN got AS new ON new.wallet = lives.heir
WHERE lives.sent >= {min_share:Float64} * old.total
    AND parting.2 >= {min_parting:Float64} * old.total
    AND new.first_giver = lives.wallet AND new.first_block = parting.4
    AND old.last_block <= parting.4 AND lives.wallet != heir
