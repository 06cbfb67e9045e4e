-- Note whose transfers are about to go: both ends, the pair, and the token. Repeating it adds nothing that is read twice.
INSERT INTO dirty_keys (chain_id, kind, key, since_block, version)
SELECT {chain_id:UInt64}, touched.1 AS kind, touched.2 AS key, min(block_number), {version:UInt64}
FROM transfers
ARRAY JOIN arrayFilter(
    entry -> entry.2 != repeat(char(0), 20),
    [
        -- Not toString, which drops zero bytes at the end.
        ('address', concat(from_address, '')),
        ('address', concat(to_address, '')),
        ('pair', concat(from_address, to_address)),
        ('token', concat(token_address, ''))
    ]
) AS touched
WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
GROUP BY kind, key
