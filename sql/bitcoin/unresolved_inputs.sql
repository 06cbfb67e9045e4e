-- Inputs of which nobody knows what they spend, by reason.
SELECT unresolved_reason AS reason, count() AS inputs
FROM bitcoin_inputs
WHERE network = {network:String} AND resolution = 'unresolved'
GROUP BY reason
ORDER BY inputs DESC, reason
