-- Blocks as eth_getBlockByNumber gives them, parsed but not decoded; lives as long as one batch.
CREATE TEMPORARY TABLE staged_blocks
(
    number String,
    hash String,
    parentHash String,
    timestamp String,
    sha3Uncles String,
    miner String,
    stateRoot String,
    transactionsRoot String,
    receiptsRoot String,
    logsBloom String,
    withdrawalsRoot Nullable(String),
    difficulty Nullable(String),
    gasLimit String,
    gasUsed String,
    baseFeePerGas Nullable(String),
    blobGasUsed Nullable(String),
    excessBlobGas Nullable(String),
    extraData String,
    mixHash String,
    nonce String,
    parentBeaconBlockRoot Nullable(String),
    requestsHash Nullable(String),
    size Nullable(String),
    -- A block that says nothing of withdrawals is not one that has none.
    withdrawals Array(Tuple(index String, validatorIndex String, address String, amount String))
        DEFAULT [('absent', '', '', '')],
    transactions Array(Tuple(
        hash String,
        blockHash Nullable(String),
        blockNumber Nullable(String),
        transactionIndex Nullable(String),
        type Nullable(String),
        chainId Nullable(String),
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
        input String,
        v Nullable(String),
        yParity Nullable(String),
        r Nullable(String),
        s Nullable(String)
    ))
)
ENGINE = Memory
