-- Outputs of committed Bitcoin blocks with the input that spends each, as far as the store knows.
CREATE VIEW IF NOT EXISTS bitcoin_output_spends
(
    network LowCardinality(String) COMMENT 'mainnet, testnet, testnet4, signet or regtest',
    block_number UInt64 COMMENT 'Height of the block that pays',
    transaction_index UInt32 COMMENT 'Position of the transaction in the block',
    transaction_id FixedString(32) COMMENT 'Transaction that pays',
    output_index UInt32 COMMENT 'Position of the output in the transaction',
    address String COMMENT 'Address that is paid, as text; empty where the script has none',
    script_type LowCardinality(String) COMMENT 'Kind of script in the words of Bitcoin Core',
    value UInt64 COMMENT 'Satoshi',
    spent_by_transaction_id Nullable(FixedString(32)) COMMENT 'Transaction that spends it; NULL where none in the store does',
    spent_by_input_index Nullable(UInt32) COMMENT 'Position of the input that spends it',
    spent_block_number Nullable(UInt64) COMMENT 'Height of the block that spends it'
)
AS SELECT
    output.network AS network,
    output.block_number AS block_number,
    output.transaction_index AS transaction_index,
    output.transaction_id AS transaction_id,
    output.output_index AS output_index,
    output.address AS address,
    output.script_type AS script_type,
    output.value AS value,
    if(spend.input_count = 0, NULL, spend.transaction_id) AS spent_by_transaction_id,
    if(spend.input_count = 0, NULL, spend.input_index) AS spent_by_input_index,
    if(spend.input_count = 0, NULL, spend.block_number) AS spent_block_number
FROM bitcoin_outputs AS output
LEFT JOIN (
    SELECT network, spent_transaction_id, spent_output_index, transaction_id, input_index, block_number, 1 AS input_count
    FROM bitcoin_inputs
    WHERE resolution != 'coinbase' AND (network, block_number) IN (SELECT network, block_number FROM bitcoin_blocks)
) AS spend
    ON spend.network = output.network
    AND spend.spent_transaction_id = output.transaction_id
    AND spend.spent_output_index = output.output_index
WHERE (output.network, output.block_number) IN (SELECT network, block_number FROM bitcoin_blocks)
COMMENT 'One row per output of a Bitcoin transaction with what spends it; filter by address or transaction'
