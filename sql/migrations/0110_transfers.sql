-- Every movement of value, of whatever kind, as one row.
CREATE TABLE IF NOT EXISTS transfers
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    block_number UInt64 CODEC(Delta, ZSTD) COMMENT 'Height',
    block_hash FixedString(32) COMMENT 'Hash of the block; zeros where the source does not say',
    block_timestamp DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Time of the block',
    transaction_index UInt32 COMMENT 'Position of the transaction in the block; 4294967295 without one',
    transaction_hash FixedString(32) COMMENT 'Transaction; zeros without one',
    kind LowCardinality(String) COMMENT 'native, internal, erc20, erc721, erc1155, wrap, withdrawal or fee',
    position UInt32 COMMENT 'Log index, trace index, transaction index or withdrawal position, by kind',
    batch_index UInt32 COMMENT 'Position inside an ERC-1155 batch; for fees 0 burnt, 1 tip, 2 blob; else 0',
    from_address FixedString(20) COMMENT 'Giver; zeros for mint, wrap and withdrawal',
    to_address FixedString(20) COMMENT 'Receiver; zeros for burn and unwrap',
    token_address FixedString(20) COMMENT 'Token contract; zeros for the native coin',
    token_id UInt256 COMMENT 'ERC-721 or ERC-1155 id, else 0',
    amount UInt256 COMMENT 'Smallest units; 1 for ERC-721',
    amount_overflow UInt8 DEFAULT amount >= bitShiftLeft(toUInt256(1), 224) COMMENT '1 from 2^224 up: leave such rows out of sums, which would wrap silently; sums of 2^32 others cannot',
    doubt LowCardinality(String) DEFAULT '' COMMENT 'Why this may not be what its event says: unlisted_wrapper (nobody lists the contract as a wrapped native coin), unindexed_form (nothing is indexed: ERC-20 and ERC-721 look the same), collection_with_amount (the contract says it is ERC-721, what counts as the amount may be an id); empty otherwise',
    is_left_out UInt8 ALIAS amount_overflow OR doubt IN ('unlisted_wrapper', 'collection_with_amount') COMMENT '1 where the amount belongs in no sum: from 2^224 up, or in doubt about whether so much moved at all; name it to see it, * leaves it out',
    finality String ALIAS multiIf(
        block_number <= joinGet('chain_finality', 'finalized_block', chain_id), 'finalized',
        block_number <= joinGet('chain_finality', 'safe_block', chain_id), 'safe',
        'latest'
    ) COMMENT 'latest, safe or finalized, as known now; name it to see it, * leaves it out',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row',
    INDEX from_bloom from_address TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX to_bloom to_address TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX token_bloom token_address TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (chain_id, intDiv(block_number, 1000000))
ORDER BY (chain_id, block_number, transaction_index, kind, position, batch_index)
COMMENT 'One row per transfer'
