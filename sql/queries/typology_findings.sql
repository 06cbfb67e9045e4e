-- What the detectors found at one address, the gravest and clearest first.
SELECT
    CAST(typology AS String) AS typology,
    CAST(role AS String) AS role,
    severity,
    round(strength, 4) AS strength,
    CAST(fatf_group AS String) AS fatf_group,
    sentence,
    evidence
FROM typology_findings
WHERE chain_id = {chain_id:UInt64} AND address = toFixedString(unhex({address:String}), 20)
ORDER BY severity * strength DESC, typology, role
