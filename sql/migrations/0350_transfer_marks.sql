-- Transfers that say little about who deals with whom, each with the reason; the others have no row.
CREATE TABLE IF NOT EXISTS transfer_marks
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    block_number UInt64 CODEC(Delta, ZSTD) COMMENT 'Height',
    block_timestamp DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Time of the block',
    transaction_index UInt32 COMMENT 'Position of the transaction in the block; 4294967295 without one',
    kind LowCardinality(String) COMMENT 'As in transfers',
    position UInt32 COMMENT 'As in transfers',
    batch_index UInt32 COMMENT 'As in transfers',
    mark LowCardinality(String) COMMENT 'poisoning (an empty ERC-20 transfer in the name of somebody who did not sign), empty (nothing moved), doubtful (from 2^224 up, or in doubt about what moved), dust (below 0.00001 native or wrapped coins, or below a cent of a stablecoin; what other tokens are worth is not known)',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (chain_id, intDiv(block_number, 1000000))
ORDER BY (chain_id, block_number, transaction_index, kind, position, batch_index)
COMMENT 'One row per transfer with a mark, its gravest'
