-- Some wallets to watch, the same for the same seed, with moves enough to be cut in two and few enough to be copied.
SELECT address
FROM address_features
WHERE chain_id = {chain_id:UInt64} AND move_count BETWEEN {fewest:UInt32} AND {most:UInt32}
ORDER BY cityHash64(address, {seed:UInt64})
LIMIT {wallets:UInt32}
