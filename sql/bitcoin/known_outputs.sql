-- The outputs that are spent, as far as they were read: in the batch, in the store, or asked for by transaction.
--
-- Where the node names the height of a spent output, the store is looked up by key, else by transaction id.
INSERT INTO staged_bitcoin_known
SELECT transaction_id, output_index, any(address), any(script_type), any(script), any(value)
FROM (
    SELECT transaction_id, output_index, address, script_type, script, value
    FROM staged_bitcoin_outputs
    UNION ALL
    SELECT transaction_id, output_index, address, script_type, script, value
    FROM bitcoin_outputs
    WHERE network = {network:String}
        AND block_number IN (SELECT assumeNotNull(stated_height) FROM staged_bitcoin_spends WHERE isNotNull(stated_height))
        AND transaction_id IN (SELECT spent_transaction_id FROM staged_bitcoin_spends WHERE isNotNull(stated_height))
    UNION ALL
    SELECT transaction_id, output_index, address, script_type, script, value
    FROM bitcoin_outputs
    WHERE network = {network:String}
        AND transaction_id IN (
            SELECT spent_transaction_id FROM staged_bitcoin_spends WHERE isNull(stated_height) AND NOT is_coinbase
        )
    UNION ALL
    SELECT
        toFixedString(unhex(txid), 32),
        output.n,
        output.scriptPubKey.address,
        output.scriptPubKey.type,
        lower(output.scriptPubKey.hex),
        assumeNotNull(bitcoinToSatoshi(output.value))
    FROM staged_bitcoin_transactions
    ARRAY JOIN vout AS output
)
WHERE (transaction_id, output_index) IN (SELECT spent_transaction_id, spent_output_index FROM staged_bitcoin_spends)
GROUP BY transaction_id, output_index
