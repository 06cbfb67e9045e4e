-- Number every new address that gave or received something up to a block.
--
-- builds: addresses
-- grain: one row per address
--
-- An address keeps its number for good: those that have one are left alone, new ones get the next numbers in the order of
-- their first block, then of their bytes, so a repeat finds nothing new and writes nothing. The zero address stands for
-- nobody (mint, burn, wrap, withdrawal) and gets no number.
INSERT INTO addresses (chain_id, address, address_id, first_block, version)
WITH
    numbered AS (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}),
    ends AS (
        SELECT arrayJoin([from_address, to_address]) AS address, block_number
        FROM transfers
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64}
    ),
    seen AS (
        SELECT address, min(block_number) AS first_block
        FROM ends
        WHERE address != toFixedString('', 20) AND address NOT IN (SELECT address FROM numbered)
        GROUP BY address
    )
SELECT
    {chain_id:UInt64},
    address,
    (SELECT if(count() = 0, 0, max(address_id) + 1) FROM numbered)
        + row_number() OVER (ORDER BY first_block, address) - 1 AS address_id,
    first_block,
    {version:UInt64}
FROM seen
