-- Transactions that the source could not show, with its reason; lives as long as one batch.
CREATE TEMPORARY TABLE staged_bitcoin_refusals
(
    txid String,
    reason String
)
ENGINE = Memory
