-- Receipts of one block a row, as eth_getBlockReceipts gives them; lives as long as one batch.
CREATE TEMPORARY TABLE staged_receipts
(
    number String,
    receipts Array(Tuple(
        transactionIndex String,
        status Nullable(String),
        cumulativeGasUsed String,
        gasUsed String,
        effectiveGasPrice Nullable(String),
        blobGasUsed Nullable(String),
        blobGasPrice Nullable(String),
        contractAddress Nullable(String),
        logs Array(Tuple(address String, topics Array(String), data String, logIndex String))
    ))
)
ENGINE = Memory
