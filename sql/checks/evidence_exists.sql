-- Findings whose evidence names transactions the store does not hold.
SELECT typology, concat('0x', lower(hex(address))) AS finding_of, concat('0x', lower(hex(transaction))) AS missing
FROM
(
    SELECT typology, address, arrayJoin(evidence) AS transaction FROM typology_findings WHERE chain_id = {chain_id:UInt64}
)
WHERE transaction NOT IN (SELECT transaction_hash FROM transactions WHERE chain_id = {chain_id:UInt64})
    AND transaction NOT IN (SELECT transaction_hash FROM transfers WHERE chain_id = {chain_id:UInt64})
ORDER BY typology, finding_of, missing
LIMIT 100
