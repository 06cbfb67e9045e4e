-- Outputs of the staged blocks, one a row; amounts go from decimal text to satoshi.
INSERT INTO staged_bitcoin_outputs
SELECT
    block_number,
    block_hash,
    block_timestamp,
    position - 1,
    transaction_id,
    output.n,
    output.scriptPubKey.address,
    output.scriptPubKey.type,
    lower(output.scriptPubKey.hex),
    assumeNotNull(bitcoinToSatoshi(output.value))
FROM (
    SELECT
        height AS block_number,
        toFixedString(unhex(hash), 32) AS block_hash,
        toDateTime(time, 'UTC') AS block_timestamp,
        position,
        toFixedString(unhex(transaction.txid), 32) AS transaction_id,
        transaction.vout AS outputs
    FROM staged_bitcoin_blocks
    ARRAY JOIN tx AS transaction, arrayEnumerate(tx) AS position
)
ARRAY JOIN outputs AS output
