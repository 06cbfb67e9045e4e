-- Receipts of one block a row, as eth_getBlockReceipts gives them; lives as long as one batch.
CREATE TEMPORARY TABLE staged_receipts
(
    number String,
    receipts Array(Tuple(
        blockHash String,
        blockNumber String,
        transactionIndex String,
        transactionHash String,
        type Nullable(String),
        from String,
        to Nullable(String),
        status Nullable(String),
        root Nullable(String),
        cumulativeGasUsed String,
        gasUsed String,
        effectiveGasPrice Nullable(String),
        blobGasUsed Nullable(String),
        blobGasPrice Nullable(String),
        contractAddress Nullable(String),
        logsBloom String,
        logs Array(Tuple(
            address String,
            topics Array(String),
            data String,
            blockHash String,
            blockNumber String,
            transactionIndex String,
            transactionHash String,
            logIndex String,
            removed Nullable(String)
        ))
    ))
)
ENGINE = Memory
