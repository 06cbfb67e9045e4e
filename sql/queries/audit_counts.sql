-- What of a chain was put aside or is in doubt, by reason: quarantined events, doubtful and overflowing transfers, authorisations.
SELECT check_name, subject, count() AS found
FROM (
    SELECT 'quarantine' AS check_name, CAST(reason AS String) AS subject, block_number
    FROM quarantined_logs
    WHERE chain_id = {chain_id:UInt64}
    UNION ALL
    SELECT 'doubt', CAST(doubt AS String), block_number
    FROM transfers
    WHERE chain_id = {chain_id:UInt64} AND doubt != ''
    UNION ALL
    SELECT 'doubt', 'amount_overflow', block_number
    FROM transfers
    WHERE chain_id = {chain_id:UInt64} AND amount_overflow
    UNION ALL
    SELECT 'authorizations', CAST(status AS String), block_number
    FROM authorizations
    WHERE chain_id = {chain_id:UInt64}
)
WHERE block_number <= {to_block:UInt64}
GROUP BY check_name, subject
ORDER BY check_name, subject
