-- Transfers of one batch, of all kinds, before they are written at once; lives as long as one batch.
--
-- The files of sql/transforms/ write here while a batch is committed: one part of `transfers` instead of seven.
CREATE TEMPORARY TABLE staged_transfers
(
    chain_id UInt64,
    block_number UInt64,
    block_hash FixedString(32),
    block_timestamp DateTime('UTC'),
    transaction_index UInt32,
    transaction_hash FixedString(32),
    kind LowCardinality(String),
    position UInt32,
    batch_index UInt32,
    from_address FixedString(20),
    to_address FixedString(20),
    token_address FixedString(20),
    token_id UInt256,
    amount UInt256,
    doubt LowCardinality(String) DEFAULT '',
    version UInt64,
    is_deleted UInt8 DEFAULT 0
)
ENGINE = Memory
