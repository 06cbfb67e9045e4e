-- Blocks as getblock gives them with verbosity 2 or 3, parsed but not decoded; lives as long as one batch.
-- Amounts stay the decimal text of the JSON: a float could not hold them all.
CREATE TEMPORARY TABLE staged_bitcoin_blocks
(
    hash String,
    height UInt64,
    version Int64,
    merkleroot String,
    time UInt32,
    nonce UInt32,
    bits String,
    size UInt64,
    weight UInt64,
    previousblockhash Nullable(String),
    tx Array(Tuple(
        txid String,
        hash String,
        version Int64,
        size UInt32,
        weight UInt32,
        locktime UInt32,
        fee Nullable(String),
        vin Array(Tuple(
            coinbase Nullable(String),
            txid Nullable(String),
            vout Nullable(UInt32),
            sequence UInt32,
            prevout Tuple(
                height Nullable(UInt64),
                value Nullable(String),
                scriptPubKey Tuple(hex String, address String, type String)
            )
        )),
        vout Array(Tuple(
            value String,
            n UInt32,
            scriptPubKey Tuple(hex String, address String, type String)
        ))
    ))
)
ENGINE = Memory
