-- The exposures of one address in one publication, weightiest first; amounts as text, because JSON numbers lose digits.
SELECT
    CAST(category AS String) AS category,
    CAST(direction AS String) AS direction,
    hops,
    counterparties,
    toString(native_amount) AS native_amount,
    token_transfer_count,
    share,
    concat('0x', lower(hex(example_address))) AS example_address,
    example_name,
    CAST(example_source AS String) AS example_source,
    if(via_address IS NULL, NULL, concat('0x', lower(hex(assumeNotNull(via_address))))) AS via_address,
    weight
FROM exposure_rows
WHERE chain_id = {chain_id:UInt64} AND publication = {publication:UInt64} AND address = unhex({address:String})
ORDER BY weight DESC, category, direction, hops
LIMIT 50
