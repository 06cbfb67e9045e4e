-- Inputs of the staged blocks, one a row, with the spent output where the node shows it (verbosity 3).
INSERT INTO staged_bitcoin_spends
SELECT
    block_number,
    block_hash,
    block_timestamp,
    position - 1,
    transaction_id,
    input_position - 1,
    isNotNull(input.coinbase),
    toFixedString(unhex(ifNull(input.txid, '')), 32),
    ifNull(input.vout, 4294967295),
    input.sequence,
    input.prevout.height,
    bitcoinToSatoshi(input.prevout.value),
    lower(input.prevout.scriptPubKey.hex),
    input.prevout.scriptPubKey.type,
    input.prevout.scriptPubKey.address
FROM (
    SELECT
        height AS block_number,
        toFixedString(unhex(hash), 32) AS block_hash,
        toDateTime(time, 'UTC') AS block_timestamp,
        position,
        toFixedString(unhex(transaction.txid), 32) AS transaction_id,
        transaction.vin AS inputs
    FROM staged_bitcoin_blocks
    ARRAY JOIN tx AS transaction, arrayEnumerate(tx) AS position
)
ARRAY JOIN inputs AS input, arrayEnumerate(inputs) AS input_position
