-- Addresses on a sanctions list: the list, the name on it and the programme.
--
-- builds:   risk_label_rows
-- grain:    address, list entry
INSERT INTO risk_label_rows
    (chain_id, publication, address, channel, risk_label, is_service, weight, name, source, sentence, as_of_block, as_of_block_hash, computed_at)
SELECT
    {chain_id:UInt64} AS chain_id,
    {publication:UInt64} AS publication,
    toFixedString(substring(address, 1, 20), 20) AS listed_address,
    'list' AS channel,
    'sanctioned' AS risk_label,
    0 AS is_service,
    1 AS weight,
    entry.name AS listed_name,
    entry.list_kind AS source,
    concat(
        'on ',
        transform(list_kind, ['ofac', 'un', 'eu'], ['OFAC SDN', 'the UN consolidated list', 'the EU consolidated list'], list_kind),
        ' as ', if(entry.name = '', 'a party without a name', entry.name),
        if(program = '', '', concat(', programme ', replaceAll(program, '] [', ', '))),
        if(entry_id = '', '', concat(', entry ', entry_id))
    ) AS sentence,
    {as_of_block:UInt64} AS as_of_block,
    toFixedString(unhex({as_of_block_hash:String}), 32) AS as_of_block_hash,
    toDateTime64({at:String}, 3, 'UTC') AS computed_at
FROM
(
    SELECT list_kind, address, entry_id, min(list_entries.name) AS name, min(list_entries.program) AS program
    FROM list_entries
    WHERE length(address) = 20
      AND known_from <= toDateTime64({at:String}, 3, 'UTC') AND toDateTime64({at:String}, 3, 'UTC') < known_to
      AND valid_from <= toDateTime64({at:String}, 3, 'UTC') AND toDateTime64({at:String}, 3, 'UTC') < valid_to
    GROUP BY list_kind, address, entry_id
) AS entry
