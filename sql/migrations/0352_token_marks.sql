-- What class of token each contract is, and why it may be spam.
CREATE TABLE IF NOT EXISTS token_marks
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    token_address FixedString(20) COMMENT 'Token contract; zeros for the native coin',
    token_class LowCardinality(String) COMMENT 'native, wrapped (a wrapped native coin), stable (stands for a US dollar), collectible (ERC-721, ERC-1155) or fungible',
    decimals Nullable(UInt8) COMMENT 'Decimals; NULL when unknown',
    receiver_count UInt64 COMMENT 'Different receivers, marked transfers apart; 0 for the native coin',
    giver_count UInt64 COMMENT 'Different givers, marked transfers apart; the zero address, which mints, counts as one; 0 for the native coin',
    unasked_share Nullable(Float64) COMMENT 'Share of its transfers whose receiver did not sign for them; NULL where nobody looked: fewer than 50 receivers or more than 3 givers',
    is_spam UInt8 COMMENT '1 when there is a reason to take it for spam',
    spam_reasons Array(LowCardinality(String)) COMMENT 'imitates (its symbol can be mistaken for a well-known one), advertises (an address of a web page or a contract in its name), dropped (at least 50 receivers, at most 3 givers, at least four fifths unasked)',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, token_address)
COMMENT 'One row per token that moved'
