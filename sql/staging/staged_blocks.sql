-- Blocks as eth_getBlockByNumber gives them, parsed but not decoded; lives as long as one batch.
CREATE TEMPORARY TABLE staged_blocks
(
    number String,
    hash String,
    parentHash String,
    timestamp String,
    miner String,
    stateRoot String,
    transactionsRoot String,
    receiptsRoot String,
    withdrawalsRoot Nullable(String),
    difficulty Nullable(String),
    gasLimit String,
    gasUsed String,
    baseFeePerGas Nullable(String),
    blobGasUsed Nullable(String),
    excessBlobGas Nullable(String),
    extraData String,
    size Nullable(String),
    withdrawals Array(Tuple(index String, validatorIndex String, address String, amount String)),
    transactions Array(Tuple(
        hash String,
        type Nullable(String),
        nonce String,
        from String,
        to Nullable(String),
        value String,
        gas String,
        gasPrice Nullable(String),
        maxFeePerGas Nullable(String),
        maxPriorityFeePerGas Nullable(String),
        maxFeePerBlobGas Nullable(String),
        blobVersionedHashes Array(String),
        accessList Array(Tuple(address String, storageKeys Array(String))),
        authorizationList Array(Tuple(
            chainId String, address String, nonce String, yParity Nullable(String), v Nullable(String), r String, s String
        )),
        input String
    ))
)
ENGINE = Memory
