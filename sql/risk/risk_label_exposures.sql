-- Exposures as statements about an address, with amounts and an example by name.
--
-- builds:   risk_label_rows
-- grain:    address, category, direction, hops
INSERT INTO risk_label_rows
    (chain_id, publication, address, channel, risk_label, is_service, weight, name, source, sentence, as_of_block, as_of_block_hash, computed_at)
SELECT
    chain_id,
    publication,
    address,
    'exposure' AS channel,
    concat('exposure_', category) AS risk_label,
    0 AS is_service,
    weight,
    '' AS name,
    'exposure' AS source,
    concat(
        if(direction = 'in', 'received ', 'sent '),
        if(native_amount > 0, concat(toString(round(toFloat64(native_amount) / 1e18, 4)), ' ', {native_symbol:String}), ''),
        if(native_amount > 0 AND token_transfer_count > 0, ' and ', ''),
        if(token_transfer_count > 0, concat(toString(token_transfer_count), if(token_transfer_count = 1, ' token transfer', ' token transfers')), ''),
        if(native_amount > 0, concat(' (', toString(round(100 * share, 1)), '% of all it ', if(direction = 'in', 'received', 'sent'), ')'), ''),
        if(hops = 1, '', ', two hops away,'),
        if(direction = 'in', ' from ', ' to '),
        if(hops = 1 AND counterparties > 1, concat(toString(counterparties), ' addresses, the largest '), ''),
        '0x', lower(hex(example_address)),
        if(via_address IS NULL, '', concat(' through 0x', lower(hex(assumeNotNull(via_address))))),
        if(
            example_source IN ('ofac', 'un', 'eu'),
            concat(', on ', transform(example_source, ['ofac', 'un', 'eu'], ['OFAC SDN', 'the UN list', 'the EU list'], ''), ' as ', example_name),
            concat(', labelled ', category, ' by ', example_source, if(example_name = '', '', concat(' as ', example_name)))
        )
    ) AS sentence,
    as_of_block,
    as_of_block_hash,
    computed_at
FROM exposure_rows
WHERE chain_id = {chain_id:UInt64} AND publication = {publication:UInt64} AND weight > 0
