-- Number every address that gave or received something up to a block, and withdraw those of which nothing is left.
--
-- builds: addresses
-- grain: one row per address
-- scope: history
--
-- An address keeps its number for good, also while it is withdrawn because its blocks left the chain: most come back with
-- the next blocks, and no other address is ever given the number. New ones get the next numbers in the order of their
-- first block, then of their bytes. So numbers tell when an address was first seen here and may differ between two stores
-- that hold the same chain; nothing else does. A repeat finds nothing new and writes nothing. The zero address stands for
-- nobody (mint, burn, wrap, withdrawal) and gets no number.
--
-- What it costs: every run reads both ends of all transfers, however few blocks are new: 3 s for 4 million of them on one busy
-- core, and it grows with the store. Who follows a large chain runs `transform` by the hour rather than by the block.
INSERT INTO addresses (chain_id, address, address_id, first_block, version, is_deleted)
WITH
    numbered AS (SELECT address, address_id, first_block FROM addresses WHERE chain_id = {chain_id:UInt64}),
    -- Withdrawn addresses, too: without FINAL.
    ever AS (
        SELECT address, argMax(address_id, version) AS address_id, 1 AS is_known
        FROM addresses
        WHERE chain_id = {chain_id:UInt64}
        GROUP BY address
        SETTINGS final = 0
    ),
    ends AS (
        SELECT arrayJoin([from_address, to_address]) AS address, block_number
        FROM transfers
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64}
    ),
    seen AS (
        SELECT address, min(block_number) AS first_block
        FROM ends
        WHERE address != toFixedString('', 20)
        GROUP BY address
    ),
    changed AS (SELECT * FROM seen WHERE (address, first_block) NOT IN (SELECT address, first_block FROM numbered))
SELECT
    {chain_id:UInt64},
    changed.address,
    if(
        ever.is_known,
        ever.address_id,
        (SELECT if(count() = 0, 0, max(address_id) + 1) FROM ever)
            + row_number() OVER (PARTITION BY ever.is_known ORDER BY changed.first_block, changed.address) - 1
    ),
    changed.first_block,
    {version:UInt64},
    0
FROM changed
LEFT JOIN ever ON ever.address = changed.address
UNION ALL
SELECT {chain_id:UInt64}, address, address_id, first_block, {version:UInt64}, 1
FROM numbered
WHERE address NOT IN (SELECT address FROM seen)
