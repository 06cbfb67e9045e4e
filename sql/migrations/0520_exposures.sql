-- The exposures of each chain's newest publication.
CREATE VIEW IF NOT EXISTS exposures
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    publication UInt64 COMMENT 'Publication it belongs to',
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
    computed_at DateTime64(3, 'UTC') COMMENT 'When it was computed'
)
AS SELECT
    chain_id,
    publication,
    address,
    category,
    direction,
    hops,
    counterparties,
    native_amount,
    token_transfer_count,
    share,
    example_address,
    example_name,
    example_source,
    via_address,
    weight,
    as_of_block,
    as_of_block_hash,
    computed_at
FROM exposure_rows
WHERE (chain_id, publication) IN (SELECT chain_id, max(publication) FROM publications GROUP BY chain_id)
COMMENT 'One row per address, category, direction and hops; a publication appears whole or not at all'
