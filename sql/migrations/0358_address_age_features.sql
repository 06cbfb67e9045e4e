-- How old an address is and how long it has been silent, as of the last block of its chain; they grow with every block.
CREATE VIEW IF NOT EXISTS address_age_features
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address FixedString(20) COMMENT 'Address',
    first_seen_age Float32 COMMENT 'From its first move to the last block; seconds',
    last_seen_gap Float32 COMMENT 'From its last move to the last block; seconds',
    as_of_block UInt64 COMMENT 'The last block of the chain'
)
AS SELECT
    f.chain_id AS chain_id,
    f.address AS address,
    toFloat32(toUnixTimestamp(greatest(ends.until, f.last_seen_timestamp)) - toUnixTimestamp(f.first_seen_timestamp)) AS first_seen_age,
    toFloat32(toUnixTimestamp(greatest(ends.until, f.last_seen_timestamp)) - toUnixTimestamp(f.last_seen_timestamp)) AS last_seen_gap,
    ends.last_block AS as_of_block
FROM address_detail_features AS f
INNER JOIN
(
    SELECT chain_id, max(to_block) AS last_block, max(to_block_timestamp) AS until FROM ingest_audit GROUP BY chain_id
) AS ends ON ends.chain_id = f.chain_id
COMMENT 'One row per address with features: its age and its silence'
