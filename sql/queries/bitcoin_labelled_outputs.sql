-- Bitcoin addresses of which a source says something now, with what they were paid and have not spent yet.
WITH
    spoken_of AS (
        SELECT address, CAST(category AS String) AS category, label, CAST(source AS String) AS source, confidence
        FROM labels
        WHERE chain = 'bitcoin' AND known_from <= now64(3) AND now64(3) < known_to
    ),
    paid AS (
        SELECT
            address,
            count() AS outputs,
            sum(toUInt128(value)) AS received,
            sumIf(toUInt128(value), isNull(spent_by_transaction_id)) AS unspent,
            min(block_number) AS first_block,
            max(block_number) AS last_block
        FROM bitcoin_output_spends
        WHERE network = {network:String} AND address IN (SELECT address FROM spoken_of)
        GROUP BY address
    )
SELECT
    spoken_of.address AS address,
    spoken_of.category AS category,
    spoken_of.label AS label,
    spoken_of.source AS source,
    round(toFloat64(spoken_of.confidence), 4) AS confidence,
    paid.outputs AS outputs,
    toString(paid.received) AS received_satoshi,
    toString(paid.unspent) AS unspent_satoshi,
    paid.first_block AS first_block,
    paid.last_block AS last_block
FROM spoken_of
INNER JOIN paid ON paid.address = spoken_of.address
ORDER BY paid.received DESC, address, source, category, label
