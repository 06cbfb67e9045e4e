-- Logs as eth_getLogs gives them, one a row; lives as long as one batch.
CREATE TEMPORARY TABLE staged_log_lines
(
    address String,
    topics Array(String),
    data String,
    blockNumber String,
    blockHash String,
    transactionHash String,
    transactionIndex String,
    logIndex String
)
ENGINE = Memory
