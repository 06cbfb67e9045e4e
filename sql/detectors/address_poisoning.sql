-- Look-alikes of an address somebody really pays, planted in the history by empty, dust or counterfeit transfers.
--
-- method: Tsuchiya et al. (2025), Blockchain address poisoning: same first and last digits; zero-value, dust or counterfeit-token transfers
-- grain: address and role
WITH
    -- Tokens whose symbol can be mistaken for a well-known one: their contracts write any transfer, of any amount, in anybody's name.
    counterfeits AS
    (
        SELECT token_address FROM tokens WHERE chain_id = {chain_id:UInt64} AND tokens.as_of_block <= {as_of_block:UInt64} AND imitates != ''
    ),
    -- Empty or counterfeit transfers in the name of somebody who did not sign.
    emptied AS
    (
        SELECT t.from_address AS victim, t.to_address AS lookalike, x.from_address AS sender, t.block_number AS block_number, t.transaction_hash AS transaction_hash
        FROM transfers AS t
        INNER JOIN transactions AS x
            ON x.chain_id = t.chain_id AND x.block_number = t.block_number AND x.transaction_index = t.transaction_index
        WHERE t.chain_id = {chain_id:UInt64} AND t.block_number <= {as_of_block:UInt64} AND t.kind = 'erc20'
            AND (t.amount = 0 OR t.token_address IN (SELECT token_address FROM counterfeits)) AND x.from_address != t.from_address
    ),
    dusted AS
    (
        SELECT to_address AS victim, from_address AS lookalike, block_number, transaction_hash
        FROM moves
        WHERE (has_known_unit AND units <= {max_dust:Float64}) OR token_address IN (SELECT token_address FROM counterfeits)
    ),
    -- Who deals with whom for real, in either direction, and since when.
    dealings AS
    (
        SELECT pair.1 AS one, pair.2 AS other, min(block_number) AS since_block
        FROM
        (
            SELECT block_number, arrayJoin([(from_address, to_address), (to_address, from_address)]) AS pair
            FROM moves
            WHERE (units > {max_dust:Float64} OR NOT has_known_unit) AND token_address NOT IN (SELECT token_address FROM counterfeits)
        )
        GROUP BY one, other
    ),
    alike AS
    (
        -- Nobody has an honest reason for the empty ones: it is enough that the receiver resembles anybody active
        -- (by chance one address in 4 billion does), above all a counterparty of the victim.
        SELECT emptied.victim AS victim, lookalike, sender, copied, transaction_hash
        FROM emptied
        INNER JOIN
        (
            SELECT other AS copied, min(since_block) AS since_block FROM dealings GROUP BY copied
        ) AS active
            ON substring(copied, 1, 2) = substring(emptied.lookalike, 1, 2) AND substring(copied, 19, 2) = substring(emptied.lookalike, 19, 2)
        WHERE copied != lookalike AND since_block <= block_number

        UNION ALL

        -- Small payments are ordinary: here the copied address must be one the victim deals with.
        SELECT dusted.victim, lookalike, lookalike, other, transaction_hash
        FROM dusted
        INNER JOIN dealings
            ON dealings.one = dusted.victim
            AND substring(other, 1, 2) = substring(dusted.lookalike, 1, 2) AND substring(other, 19, 2) = substring(dusted.lookalike, 19, 2)
        WHERE other != lookalike AND lookalike != dusted.victim AND since_block <= block_number
    ),
    found AS
    (
        SELECT arrayJoin([(lookalike, 'lookalike'), (sender, 'actor'), (victim, 'victim')]) AS part, victim, lookalike, copied, transaction_hash
        FROM alike
    )
SELECT
    part.1 AS address,
    if(part.2 = 'actor' AND part.1 = min(lookalike), 'lookalike', part.2) AS role,
    1 - 1 / (1 + uniqExact(transaction_hash)) AS strength,
    concat(
        multiIf(role = 'victim', 'Was shown', role = 'actor', 'Planted', 'Is'), ' a look-alike (0x', lower(hex(min(lookalike))), ') of 0x',
        lower(hex(argMin(copied, (lookalike, copied)))), ' in ', toString(uniqExact(transaction_hash)), ' empty, dust or counterfeit transfers to ',
        toString(uniqExact(victim)), ' victims.'
    ) AS sentence,
    groupUniqArray(30)(transaction_hash) AS evidence
FROM found
GROUP BY part
HAVING uniqExact(transaction_hash) >= {min_transfers:UInt64}
