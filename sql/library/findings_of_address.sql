-- Every suspicious behaviour that was found of an address.
--
-- question: What did the detectors find of this address, in which role, and on which transactions does that rest?
-- tags: risk, typologies, wallet
-- param address: Whose findings.
-- column typology: Name of the detector
-- column role: Part it plays
-- column strength: How clear the pattern is, 0 to 1; not a probability
-- column sentence: What was seen
-- column evidence: Transactions that show it
-- column as_of_block: Block up to which this was looked for
-- example: chainsight query run findings_of_address --param address=0xfa78965a623415a6ada63c96b06457dfc86cd055
SELECT
    CAST(typology AS String) AS typology,
    CAST(role AS String) AS role,
    strength,
    sentence,
    arrayMap(hash -> concat('0x', lower(hex(hash))), evidence) AS evidence,
    as_of_block
FROM typology_findings
WHERE chain_id = {chain_id:UInt64} AND address = unhex(substring({address:String}, 3))
ORDER BY strength DESC, typology, role
