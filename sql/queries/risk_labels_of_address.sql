-- What is said or was found about one address in one publication, weightiest first.
SELECT
    CAST(channel AS String) AS channel,
    CAST(risk_label AS String) AS risk_label,
    weight,
    name,
    CAST(source AS String) AS source,
    sentence
FROM risk_label_rows
WHERE chain_id = {chain_id:UInt64} AND publication = {publication:UInt64} AND address = unhex({address:String})
ORDER BY weight DESC, channel, risk_label, source, name
LIMIT 50
