-- Up to which block each chain is safe and finalized: what the column `finality` of every table of blocks looks up.
--
-- A Join table, because a column may look up in one wherever the table is read: embedded, on a server, by any reader.
CREATE TABLE IF NOT EXISTS chain_finality
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    safe_block UInt64 COMMENT 'Highest block that only an attack could undo',
    finalized_block UInt64 COMMENT 'Highest block that nothing undoes any more'
)
ENGINE = Join(ANY, LEFT, chain_id)
SETTINGS join_any_take_last_row = 1
COMMENT 'One row per chain; chain_heads is the record of it'
