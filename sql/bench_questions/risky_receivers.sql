-- Who with a score of 75 or more was paid in a thousand blocks, and how often.
SELECT transfers.to_address AS address, any(scores.score) AS score, count() AS transfer_count
FROM transfers
INNER JOIN scores ON scores.chain_id = transfers.chain_id AND scores.address = transfers.to_address
WHERE transfers.chain_id = {chain_id:UInt64}
    AND transfers.block_number BETWEEN {block:UInt64} AND {block:UInt64} + 999
    AND scores.score >= 75
GROUP BY address
ORDER BY transfer_count DESC, address
LIMIT 100
