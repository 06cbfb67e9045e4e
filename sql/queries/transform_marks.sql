-- How far each transform has got on a chain.
SELECT CAST(transform AS String) AS transform, checksum, changes_version, knowledge, whole_version, version, settings
FROM transform_marks
WHERE chain_id = {chain_id:UInt64}
ORDER BY transform
