-- Every input and output of committed Bitcoin blocks as one row each: what left and what reached an address.
--
-- Who paid whom is not said here: a transaction joins its inputs, and only a heuristic can tell which of them belong
-- together and which output is change. Inputs that are unresolved stay, with an empty address and no value.
CREATE VIEW IF NOT EXISTS bitcoin_movements
(
    network LowCardinality(String) COMMENT 'mainnet, testnet, testnet4, signet or regtest',
    block_number UInt64 COMMENT 'Height',
    block_timestamp DateTime('UTC') COMMENT 'Time in the header of the block',
    transaction_index UInt32 COMMENT 'Position of the transaction in the block; 0 is the coinbase transaction',
    transaction_id FixedString(32) COMMENT 'Transaction',
    direction LowCardinality(String) COMMENT 'spent: the address spent an output; received: it was paid one',
    position UInt32 COMMENT 'Position of the input or output in the transaction',
    address String COMMENT 'Address as text; empty where the script has none or the input is unresolved',
    script_type LowCardinality(String) COMMENT 'Kind of script in the words of Bitcoin Core',
    script String COMMENT 'The script in hexadecimal where it has no address, else empty',
    value Nullable(UInt64) COMMENT 'Satoshi; NULL where the input is unresolved'
)
AS SELECT
    network, block_number, block_timestamp, transaction_index, transaction_id, 'spent' AS direction,
    input_index AS position, address, script_type, script, value
FROM bitcoin_inputs
WHERE resolution != 'coinbase' AND (network, block_number) IN (SELECT network, block_number FROM bitcoin_blocks)
UNION ALL
SELECT
    network, block_number, block_timestamp, transaction_index, transaction_id, 'received' AS direction,
    output_index AS position, address, script_type, if(address = '', script, '') AS script,
    toNullable(value) AS value
FROM bitcoin_outputs
WHERE (network, block_number) IN (SELECT network, block_number FROM bitcoin_blocks)
COMMENT 'One row per input or output of a Bitcoin transaction, coinbase inputs apart'
