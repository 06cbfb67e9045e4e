-- Empty transfers that plant a look-alike address in somebody's history.
--
-- question: Who was shown an address that looks like one that is in use (same first and last two bytes), by an empty
--   token transfer that they did not sign? Tsuchiya et al. (2025) describe the fraud: whoever copies the address from
--   the history pays the wrong one.
-- tags: risk, tokens
-- column poisoned_at: When
-- column victim: In whose history it was planted
-- column lookalike: The planted address
-- column imitated: The address it looks like; of several, one that the victim deals with
-- column is_counterparty: 1 when the victim deals with that one
-- column paid_later: 1 when the victim paid the look-alike
-- column sender: Who signed the transaction
-- column block_number: Height
-- column transaction_hash: Transaction
-- example: chainsight query run poisoning_attempts
WITH dealings AS
(
    SELECT DISTINCT from_address, to_address
    FROM transfers
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND kind IN ('native', 'internal', 'erc20')
        AND amount > 0
)
SELECT
    min(planted.block_timestamp) AS poisoned_at,
    concat('0x', lower(hex(planted.from_address))) AS victim,
    concat('0x', lower(hex(planted.to_address))) AS lookalike,
    concat('0x', lower(hex(argMax(used.address, ((planted.from_address, used.address) IN (SELECT * FROM dealings), used.address))))) AS imitated,
    max((planted.from_address, used.address) IN (SELECT * FROM dealings)
        OR (used.address, planted.from_address) IN (SELECT * FROM dealings)) AS is_counterparty,
    max((planted.from_address, planted.to_address) IN (SELECT * FROM dealings)) AS paid_later,
    concat('0x', lower(hex(any(planted.signer)))) AS sender,
    min(planted.block_number) AS block_number,
    concat('0x', lower(hex(argMin(planted.transaction_hash, (planted.block_number, planted.position))))) AS transaction_hash
FROM (
    SELECT t.from_address, t.to_address, t.block_timestamp, t.block_number, t.position, t.transaction_hash, x.from_address AS signer
    FROM transfers AS t
    INNER JOIN transactions AS x
        ON x.chain_id = t.chain_id AND x.block_number = t.block_number AND x.transaction_index = t.transaction_index
    WHERE t.chain_id = {chain_id:UInt64}
        AND t.block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND t.kind = 'erc20' AND t.amount = 0 AND x.from_address != t.from_address
) AS planted
INNER JOIN (
    SELECT DISTINCT arrayJoin([from_address, to_address]) AS address FROM dealings
) AS used
    ON substring(used.address, 1, 2) = substring(planted.to_address, 1, 2)
    AND substring(used.address, 19, 2) = substring(planted.to_address, 19, 2)
WHERE used.address != planted.to_address
GROUP BY planted.from_address, planted.to_address
ORDER BY poisoned_at, victim, lookalike
LIMIT {most:UInt64}
