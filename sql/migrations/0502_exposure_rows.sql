-- Dealings of addresses with sanctioned, illicit and mixing ones, one or two hops away, per publication.
CREATE TABLE IF NOT EXISTS exposure_rows
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    publication UInt64 COMMENT 'Publication it belongs to; the view exposures shows the newest one only',
    address FixedString(20) COMMENT 'Address that is exposed',
    category LowCardinality(String) COMMENT 'What it is exposed to: sanctioned, mixer, phishing …',
    direction LowCardinality(String) COMMENT 'in: it received from there, out: it sent there',
    hops UInt8 COMMENT '1 direct, 2 through one address that is no service and no hub',
    counterparties UInt64 COMMENT 'Direct: exposing addresses; two hops: addresses in between',
    native_amount UInt256 COMMENT 'Wei; two hops: per address in between, at most what it took and what it gave',
    token_transfer_count UInt64 COMMENT 'Token transfers, direct and outgoing only: anybody can be sent a token',
    share Float64 COMMENT 'native_amount as a share of all native coin the address moved in that direction, 0 to 1',
    example_address FixedString(20) COMMENT 'Exposing address with the largest amount',
    example_name String COMMENT 'Name of that address on its list or in its label',
    example_source LowCardinality(String) COMMENT 'Who says so',
    via_address Nullable(FixedString(20)) COMMENT 'Two hops: address in between with the largest amount',
    weight Float64 COMMENT 'What the policy makes of it, 0 to 1',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    as_of_block_hash FixedString(32) COMMENT 'Hash of that block; zeros where the source does not say',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed'
)
ENGINE = MergeTree
PARTITION BY (chain_id, publication)
ORDER BY (chain_id, address, publication, category, direction, hops)
COMMENT 'One row per publication, address, category, direction and hops'
