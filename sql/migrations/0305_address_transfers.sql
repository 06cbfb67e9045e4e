-- Every transfer once more from either side, in the order of addresses: an address's history is one range of the key.
--
-- A projection of `transfers` would do the same, but a projection is not used under FINAL (measured: bench/RESULTS.md).
-- Each of the many addresses that one question asks for costs at least one granule a part and one compressed block a column: so
-- granules are small, blocks of 16 KiB are, and partitions are eight times as wide as those of other tables. Histories of 30
-- addresses among 3.4 million rows take a quarter of the time that the usual layout takes, for 8 % more disk.
CREATE TABLE IF NOT EXISTS address_transfers
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address FixedString(20) COMMENT 'Whose transfer; never the zero address, which stands for nobody',
    block_number UInt64 CODEC(Delta, ZSTD) COMMENT 'Height',
    block_timestamp DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Time of the block',
    transaction_index UInt32 COMMENT 'Position of the transaction in the block; 4294967295 without one. Its hash is in transfers and transactions',
    kind LowCardinality(String) COMMENT 'native, internal, erc20, erc721, erc1155, wrap, withdrawal or fee',
    position UInt32 COMMENT 'Log index, trace index, transaction index or withdrawal position, by kind',
    batch_index UInt32 COMMENT 'Position inside an ERC-1155 batch; for fees 0 burnt, 1 tip, 2 blob; else 0',
    direction LowCardinality(String) COMMENT 'in: the address received it; out: it gave it; a transfer to itself has both rows',
    counterparty_address FixedString(20) COMMENT 'The other side; zeros for mint, burn, wrap, unwrap and withdrawal',
    token_address FixedString(20) COMMENT 'Token contract; zeros for the native coin',
    token_id UInt256 COMMENT 'ERC-721 or ERC-1155 id, else 0',
    amount UInt256 COMMENT 'Smallest units; 1 for ERC-721',
    amount_overflow UInt8 COMMENT '1 from 2^224 up: leave such rows out of sums, which would wrap silently',
    doubt LowCardinality(String) COMMENT 'Why this may not be what its event says, as in transfers; empty otherwise',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (chain_id, intDiv(block_number, 8000000))
ORDER BY (chain_id, address, block_number, transaction_index, kind, position, batch_index, direction)
SETTINGS index_granularity = 256, min_compress_block_size = 16384, max_compress_block_size = 16384
COMMENT 'One row per transfer and side'
