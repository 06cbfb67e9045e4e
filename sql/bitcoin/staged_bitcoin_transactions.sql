-- Transactions as getrawtransaction gives them, whose outputs are spent in the batch; lives as long as one batch.
CREATE TEMPORARY TABLE staged_bitcoin_transactions
(
    txid String,
    vout Array(Tuple(
        value String,
        n UInt32,
        scriptPubKey Tuple(hex String, address String, type String)
    ))
)
ENGINE = Memory
