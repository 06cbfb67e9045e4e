-- Inputs that could not be resolved when they were read, and whose spent output the store has by now.
INSERT INTO bitcoin_inputs
SELECT
    input.* REPLACE (
        'txid' AS resolution,
        '' AS unresolved_reason,
        known.address AS address,
        known.script_type AS script_type,
        if(known.address = '', known.script, '') AS script,
        toNullable(known.value) AS value,
        {version:UInt64} AS version
    )
FROM (SELECT * FROM bitcoin_inputs WHERE network = {network:String} AND resolution = 'unresolved') AS input
INNER JOIN (
    SELECT
        transaction_id,
        output_index,
        any(address) AS address,
        any(script_type) AS script_type,
        any(script) AS script,
        any(value) AS value
    FROM bitcoin_outputs
    WHERE network = {network:String}
        AND transaction_id IN (
            SELECT spent_transaction_id FROM bitcoin_inputs WHERE network = {network:String} AND resolution = 'unresolved'
        )
    GROUP BY transaction_id, output_index
) AS known
    ON known.transaction_id = input.spent_transaction_id AND known.output_index = input.spent_output_index
