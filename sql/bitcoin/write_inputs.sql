-- Inputs of a proven batch, resolved as far as that was possible.
INSERT INTO bitcoin_inputs (
    network, block_number, block_hash, block_timestamp, transaction_index, transaction_id, input_index,
    spent_transaction_id, spent_output_index, resolution, unresolved_reason, address, script_type, script, value, sequence,
    version
)
SELECT
    {network:String}, block_number, block_hash, block_timestamp, transaction_index, transaction_id, input_index,
    spent_transaction_id, spent_output_index, resolution, unresolved_reason, address, script_type, script, value, sequence,
    {version:UInt64}
FROM staged_bitcoin_inputs
