-- Contracts and event signatures to ask about: of logs drawn at random.
SELECT hex(address) AS contract, hex(topics[1]) AS topic
FROM logs
WHERE chain_id = {chain_id:UInt64} AND notEmpty(topics)
ORDER BY cityHash64(block_number, log_index, {seed:UInt64})
LIMIT {draws:UInt64}
