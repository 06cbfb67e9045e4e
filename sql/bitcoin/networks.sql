-- Networks of which the store holds Bitcoin blocks.
SELECT DISTINCT network
FROM bitcoin_audit
WHERE state = 'committed'
ORDER BY network
