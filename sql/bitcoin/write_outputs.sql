-- Outputs of a proven batch.
INSERT INTO bitcoin_outputs (
    network, block_number, block_hash, block_timestamp, transaction_index, transaction_id, output_index, address,
    script_type, script, value, version
)
SELECT
    {network:String}, block_number, block_hash, block_timestamp, transaction_index, transaction_id, output_index, address,
    script_type, script, value, {version:UInt64}
FROM staged_bitcoin_outputs
