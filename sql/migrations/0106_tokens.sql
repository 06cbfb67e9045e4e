-- What is known of token contracts.
CREATE TABLE IF NOT EXISTS tokens
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    token_address FixedString(20) COMMENT 'Contract; zeros for the native coin',
    symbol String COMMENT 'Symbol as stated by its source, made fit to show: no control, direction or invisible characters, at most 64',
    name String COMMENT 'Name as stated by its source, made fit to show, at most 256 characters',
    decimals Nullable(UInt8) COMMENT 'Decimals; NULL when unknown or beyond 255',
    standard LowCardinality(String) DEFAULT '' COMMENT 'erc20, erc721 or erc1155 by what the contract answers; unknown when it answers nothing of them; empty when nobody asked it',
    total_supply Nullable(UInt256) COMMENT 'Smallest units in existence at the as-of block; NULL when nobody asked or the contract does not say',
    symbol_raw String DEFAULT '' COMMENT 'Bytes that the contract gave as its symbol, before any mending, as 0x…, at most 256 of them; empty when nobody asked',
    name_raw String DEFAULT '' COMMENT 'Bytes that the contract gave as its name, before any mending, as 0x…, at most 1024 of them; empty when nobody asked',
    symbol_bytes UInt64 DEFAULT 0 COMMENT 'Bytes that the contract says its symbol has; 0 when nobody asked',
    name_bytes UInt64 DEFAULT 0 COMMENT 'Bytes that the contract says its name has; 0 when nobody asked',
    flags Array(LowCardinality(String)) DEFAULT [] COMMENT 'What was odd about the answers: bytes32, malformed, cut, control_characters, direction_characters, invisible_characters, invalid_utf8, stacked_marks, mixed_scripts, url, address_in_text, imitates, decimals_out_of_range, no_decimals, no_symbol, no_answer',
    imitates LowCardinality(String) DEFAULT '' COMMENT 'Symbol of a well-known token that this one can be mistaken for; empty when none',
    as_of_block UInt64 DEFAULT 0 COMMENT 'Block at which the contract was asked; 0 when nobody asked it',
    source LowCardinality(String) COMMENT 'Who says so',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, token_address)
COMMENT 'One row per token'
