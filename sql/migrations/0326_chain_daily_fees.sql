-- What a chain's transactions used and paid for gas, by day.
CREATE TABLE IF NOT EXISTS chain_daily_fees
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    day Date COMMENT 'Day, UTC',
    block_count UInt64 COMMENT 'Blocks; of account histories, blocks with a transaction in them',
    transaction_count UInt64 COMMENT 'Transactions',
    failed_count UInt64 COMMENT 'Transactions that failed and paid all the same',
    gas_used UInt64 COMMENT 'Gas they used',
    gas_limit UInt64 COMMENT 'Gas the blocks could have used; 0 where there are no block headers',
    base_fee_lowest Nullable(UInt256) COMMENT 'Lowest base fee of a block, in wei per gas; NULL before London and without headers',
    base_fee_mean Nullable(Float64) COMMENT 'Mean base fee over blocks, in wei per gas',
    base_fee_highest Nullable(UInt256) COMMENT 'Highest base fee of a block, in wei per gas',
    gas_price_median Nullable(Float64) COMMENT 'Median over transactions of what was paid per gas, in wei; exact; NULL on a day without transactions',
    burnt_amount UInt256 COMMENT 'Wei of base fees, which reach nobody',
    tip_amount UInt256 COMMENT 'Wei that reached proposers; all of the fee where there are no block headers',
    blob_amount UInt256 COMMENT 'Wei paid for blobs, which are burnt, too',
    fee_amount UInt256 COMMENT 'Wei of all three',
    blob_gas_used UInt64 COMMENT 'Blob gas used',
    payer_count UInt64 COMMENT 'Different senders',
    as_of_block UInt64 COMMENT 'Highest block in the row',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, day)
COMMENT 'One row per chain and day that has blocks'
