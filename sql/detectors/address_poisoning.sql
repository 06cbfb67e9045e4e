-- Look-alikes of an address somebody really pays, planted in the history by empty or dust transfers.
--
-- method: Tsuchiya et al. (2025), Blockchain address poisoning: same first and last digits, zero-value or dust transfers
-- grain: address and role
WITH
    -- Empty transfers in the name of a victim who did not sign, and dust sent to the victim.
    planted AS
    (
        SELECT t.from_address AS victim, t.to_address AS lookalike, x.from_address AS sender, t.block_number AS block_number, t.transaction_hash AS transaction_hash
        FROM transfers AS t
        INNER JOIN transactions AS x
            ON x.chain_id = t.chain_id AND x.block_number = t.block_number AND x.transaction_index = t.transaction_index
        WHERE t.chain_id = {chain_id:UInt64} AND t.block_number <= {as_of_block:UInt64} AND t.kind = 'erc20' AND t.amount = 0
            AND x.from_address != t.from_address

        UNION ALL

        SELECT to_address AS victim, from_address AS lookalike, from_address AS sender, block_number, transaction_hash
        FROM moves
        WHERE has_known_unit AND units <= {max_dust:Float64}
    ),
    -- With whom the victim dealt for real, in either direction, and when first.
    paid AS
    (
        SELECT pair.1 AS victim, pair.2 AS payee, min(block_number) AS first_paid_block
        FROM
        (
            SELECT block_number, arrayJoin([(from_address, to_address), (to_address, from_address)]) AS pair
            FROM moves
            WHERE units > {max_dust:Float64} OR NOT has_known_unit
        )
        WHERE pair.1 IN (SELECT victim FROM planted)
        GROUP BY victim, payee
    ),
    alike AS
    (
        SELECT planted.victim AS victim, lookalike, sender, payee, transaction_hash
        FROM planted
        INNER JOIN paid
            ON paid.victim = planted.victim
            AND substring(paid.payee, 1, 2) = substring(planted.lookalike, 1, 2)
            AND substring(paid.payee, 19, 2) = substring(planted.lookalike, 19, 2)
        WHERE payee != lookalike AND lookalike != planted.victim AND first_paid_block <= planted.block_number
    ),
    found AS
    (
        SELECT arrayJoin([(lookalike, 'lookalike'), (sender, 'actor'), (victim, 'victim')]) AS part, victim, lookalike, payee, transaction_hash
        FROM alike
    )
SELECT
    part.1 AS address,
    if(part.2 = 'actor' AND part.1 = any(lookalike), 'lookalike', part.2) AS role,
    1 - 1 / (1 + uniqExact(transaction_hash)) AS strength,
    concat(
        multiIf(role = 'victim', 'Was shown', role = 'actor', 'Planted', 'Is'), ' a look-alike (0x', lower(hex(any(lookalike))), ') of 0x',
        lower(hex(any(payee))), ' in ', toString(uniqExact(transaction_hash)), ' empty or dust transfers to ',
        toString(uniqExact(victim)), ' victims.'
    ) AS sentence,
    groupUniqArray(30)(transaction_hash) AS evidence
FROM found
GROUP BY part
HAVING uniqExact(transaction_hash) >= {min_transfers:UInt64}
