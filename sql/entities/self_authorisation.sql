-- An account that lets another account move its tokens, and the other one does: often both are one person's.
--
-- method: Victor (2020), Address clustering heuristics for Ethereum, self-authorisation
-- grain: owner and spender
--
-- Thieves get such approvals by deceit, so it only counts for the score, and for little unless money went back the other way first.
WITH
    approved AS
    (
        SELECT
            toFixedString(substring(topics[2], 13), 20) AS owner, toFixedString(substring(topics[3], 13), 20) AS spender,
            min(block_number) AS approval_block, groupArray(2)(transaction_hash) AS approvals
        FROM logs
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND length(topics) = 3
            AND topics[1] = unhex('8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925')
        GROUP BY owner, spender
        HAVING owner != spender
    ),
    moved AS
    (
        SELECT m.from_address AS owner, x.from_address AS spender, groupArray(3)(m.transaction_hash) AS uses
        FROM moves AS m
        INNER JOIN transactions AS x
            ON x.block_number = m.block_number AND x.transaction_index = m.transaction_index AND x.chain_id = {chain_id:UInt64}
        WHERE m.token_address != unhex(repeat('00', 20)) AND x.from_address != m.from_address
            AND (m.from_address, x.from_address) IN (SELECT owner, spender FROM approved)
        GROUP BY owner, spender
    ),
    back AS
    (
        SELECT from_address AS spender, to_address AS owner, min(block_number) AS first_block
        FROM moves
        WHERE (to_address, from_address) IN (SELECT owner, spender FROM approved)
        GROUP BY spender, owner
    )
SELECT
    if(approved.owner < approved.spender, approved.owner, approved.spender) AS left_address,
    if(approved.owner < approved.spender, approved.spender, approved.owner) AS right_address,
    toFixedString('', 20) AS via_address,
    if(back.first_block != 0 AND back.first_block <= approval_block, 1, 0.3) AS strength,
    concat(
        '0x', lower(hex(approved.owner)), ' allowed the account 0x', lower(hex(approved.spender)), ' to move its tokens, and it did',
        if(strength = 1, '; the account had paid it before.', '.')
    ) AS sentence,
    arrayDistinct(arrayConcat(approvals, uses)) AS evidence
FROM approved
INNER JOIN moved ON moved.owner = approved.owner AND moved.spender = approved.spender
LEFT JOIN back ON back.owner = approved.owner AND back.spender = approved.spender
WHERE approved.owner NOT IN (SELECT address FROM entity_carriers) AND approved.spender NOT IN (SELECT address FROM entity_carriers)
