-- Every input of the batch with the output it spends: read and proven, else as the node states it, else unresolved.
INSERT INTO staged_bitcoin_inputs
SELECT
    spend.block_number,
    spend.block_hash,
    spend.block_timestamp,
    spend.transaction_index,
    spend.transaction_id,
    spend.input_index,
    spend.spent_transaction_id,
    spend.spent_output_index,
    multiIf(
        spend.is_coinbase, 'coinbase', isNotNull(spend.stated_value), 'prevout', known.found = 1, 'txid', 'unresolved'
    ) AS settled,
    multiIf(settled != 'unresolved', '', refusal.reason != '', refusal.reason, {reason:String}),
    if(isNotNull(spend.stated_value), spend.stated_address, known.address) AS holder,
    if(isNotNull(spend.stated_value), spend.stated_script_type, known.script_type),
    if(holder != '', '', if(isNotNull(spend.stated_value), spend.stated_script, known.script)),
    multiIf(
        spend.is_coinbase, toNullable(0),
        isNotNull(spend.stated_value), spend.stated_value,
        known.found = 1, toNullable(known.value),
        NULL
    ),
    spend.sequence
FROM staged_bitcoin_spends AS spend
LEFT JOIN (SELECT *, 1 AS found FROM staged_bitcoin_known) AS known
    ON known.transaction_id = spend.spent_transaction_id AND known.output_index = spend.spent_output_index
LEFT JOIN (SELECT toFixedString(unhex(txid), 32) AS transaction_id, any(reason) AS reason FROM staged_bitcoin_refusals GROUP BY txid)
    AS refusal
    ON refusal.transaction_id = spend.spent_transaction_id
