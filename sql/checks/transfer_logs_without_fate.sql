-- Events that look like a transfer and are neither among the transfers nor in quarantine, or are in both.
SELECT block_number, log_index, moved, quarantined
FROM (
    SELECT
        l.block_number AS block_number,
        l.log_index AS log_index,
        (l.block_number, l.log_index) IN (
            SELECT block_number, position
            FROM transfers
            WHERE chain_id = {chain_id:UInt64} AND kind IN ('erc20', 'erc721', 'erc1155', 'wrap')
        ) AS moved,
        (l.block_number, l.log_index) IN (
            SELECT block_number, log_index FROM quarantined_logs WHERE chain_id = {chain_id:UInt64}
        ) AS quarantined
    FROM logs AS l
    WHERE l.chain_id = {chain_id:UInt64}
        AND l.block_number <= (SELECT max(to_block) FROM ingest_audit WHERE chain_id = {chain_id:UInt64})
        AND l.topics[1] IN (
            unhex('ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'),
            unhex('c3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62'),
            unhex('4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb'),
            unhex('e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c'),
            unhex('7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65')
        )
)
WHERE moved = quarantined
ORDER BY block_number, log_index
LIMIT 100
