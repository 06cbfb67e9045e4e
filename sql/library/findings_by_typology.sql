-- What the detectors found of one suspicious behaviour.
--
-- question: Which addresses show a behaviour such as drainer, peel_chain, structuring or wash_trading, in which role,
--   how clearly, and which transactions show it?
-- tags: risk, typologies
-- param typology: Name of the detector. [default drainer]
-- param role: Only this role: actor, victim, collector, hop …; empty for all. [default ]
-- column wallet: Address that shows it
-- column typology: Name of the detector
-- column role: Part it plays
-- column strength: How clear the pattern is, 0 to 1; not a probability
-- column sentence: What was seen
-- column evidence: Transactions that show it
-- chart: wallet, strength, role
-- example: chainsight query run findings_by_typology --param typology=drainer --param role=actor
SELECT
    concat('0x', lower(hex(address))) AS wallet,
    CAST(typology AS String) AS typology,
    CAST(role AS String) AS role,
    strength,
    sentence,
    arrayMap(hash -> concat('0x', lower(hex(hash))), evidence) AS evidence
FROM typology_findings
WHERE chain_id = {chain_id:UInt64}
    AND as_of_block <= {to_block:UInt64}
    AND typology = {typology:String}
    AND ({role:String} = '' OR role = {role:String})
ORDER BY strength DESC, role, wallet
LIMIT {most:UInt64}
