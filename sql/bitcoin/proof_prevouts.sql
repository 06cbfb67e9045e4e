-- Spent outputs that the node states otherwise than the transaction that made them; must return no row.
SELECT
    spend.block_number AS block_number,
    concat(
        'tx[', toString(spend.transaction_index), '].vin[', toString(spend.input_index), '].prevout',
        multiIf(
            known.found = 0, '.height',
            spend.stated_value != known.value, '.value',
            spend.stated_script != known.script, '.scriptPubKey.hex',
            '.scriptPubKey.address'
        )
    ) AS field,
    multiIf(
        known.found = 0, toString(spend.stated_height),
        spend.stated_value != known.value, toString(spend.stated_value),
        spend.stated_script != known.script, spend.stated_script,
        spend.stated_address
    ) AS stated,
    multiIf(
        known.found = 0, 'no such output in that block',
        spend.stated_value != known.value, toString(known.value),
        spend.stated_script != known.script, known.script,
        known.address
    ) AS computed
FROM staged_bitcoin_spends AS spend
LEFT JOIN (SELECT *, 1 AS found FROM staged_bitcoin_known) AS known
    ON known.transaction_id = spend.spent_transaction_id AND known.output_index = spend.spent_output_index
WHERE isNotNull(spend.stated_value)
    AND (
        (
            known.found = 1
            AND (spend.stated_value, spend.stated_script, spend.stated_address) != (known.value, known.script, known.address)
        )
        OR (
            known.found = 0
            AND spend.stated_height IN (
                SELECT block_number FROM bitcoin_blocks WHERE network = {network:String}
                UNION ALL
                SELECT height FROM staged_bitcoin_blocks
            )
        )
    )
ORDER BY spend.block_number, spend.transaction_index, spend.input_index
LIMIT 1
