-- EIP-7702 authorisations: who let which code act for it, and whether that took effect.
CREATE TABLE IF NOT EXISTS authorizations
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    block_number UInt64 CODEC(Delta, ZSTD) COMMENT 'Height',
    block_hash FixedString(32) COMMENT 'Hash of the block',
    block_timestamp DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Time of the block',
    transaction_index UInt32 COMMENT 'Position of the transaction in the block',
    transaction_hash FixedString(32) COMMENT 'Transaction that carried it; it takes effect even if the transaction fails',
    authorization_index UInt32 COMMENT 'Position in the list of the transaction',
    authority FixedString(20) COMMENT 'Account that signed; zeros where the signature fits no key. It stays an externally owned account',
    delegate_address FixedString(20) COMMENT 'Contract whose code acts for it from now on; zeros take a delegation back',
    signed_chain_id UInt256 COMMENT 'Chain it was signed for; 0 for any',
    nonce UInt64 COMMENT 'Nonce of the authority that it was signed for',
    status LowCardinality(String) COMMENT 'applied, invalid_signature, wrong_chain, nonce_mismatch or unverified',
    reason String COMMENT 'Why, in a sentence; empty when applied',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row',
    INDEX authority_bloom authority TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (chain_id, intDiv(block_number, 1000000))
ORDER BY (chain_id, block_number, transaction_index, authorization_index)
COMMENT 'One row per EIP-7702 authorisation'
