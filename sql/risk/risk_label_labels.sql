-- What sources call the addresses of this chain, illicit or not; the best confidence of each source and name.
--
-- builds:   risk_label_rows
-- grain:    address, category, source, name
INSERT INTO risk_label_rows
    (chain_id, publication, address, channel, risk_label, is_service, weight, name, source, sentence, as_of_block, as_of_block_hash, computed_at)
WITH JSONExtract({policy:String}, 'label_weight', 'Map(String, Float64)') AS label_weight
SELECT
    {chain_id:UInt64} AS chain_id,
    {publication:UInt64} AS publication,
    said.address AS labelled_address,
    'label' AS channel,
    said.category AS risk_label,
    has({service_categories:Array(String)}, said.category) AS is_service,
    label_weight[said.category] * least(1, greatest(0, said.best_confidence)) AS weight,
    said.label AS name,
    said.source AS source,
    concat(
        'labelled ', said.category, ' by ', said.source,
        if(said.label = '', '', concat(' as ', said.label)),
        if(label_weight[said.category] > 0, concat(' (confidence ', toString(round(said.best_confidence, 2)), ')'), '')
    ) AS sentence,
    {as_of_block:UInt64} AS as_of_block,
    toFixedString(unhex({as_of_block_hash:String}), 32) AS as_of_block_hash,
    toDateTime64({at:String}, 3, 'UTC') AS computed_at
FROM
(
    SELECT
        toFixedString(substring(labels.address, 1, 20), 20) AS address,
        CAST(labels.category AS String) AS category,
        CAST(labels.source AS String) AS source,
        labels.label AS label,
        max(toFloat64(confidence)) AS best_confidence
    FROM labels
    WHERE length(labels.address) = 20
      AND has({chain_names:Array(String)}, chain)
      AND known_from <= toDateTime64({at:String}, 3, 'UTC') AND toDateTime64({at:String}, 3, 'UTC') < known_to
      AND valid_from <= toDateTime64({at:String}, 3, 'UTC') AND toDateTime64({at:String}, 3, 'UTC') < valid_to
    GROUP BY address, category, source, label
) AS said
WHERE said.address IN (SELECT addresses.address FROM addresses WHERE chain_id = {chain_id:UInt64})
   OR said.address IN
      (
          SELECT toFixedString(substring(list_entries.address, 1, 20), 20)
          FROM list_entries
          WHERE length(list_entries.address) = 20
      )
