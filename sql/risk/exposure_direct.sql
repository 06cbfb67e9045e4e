-- Who dealt with a listed or labelled address itself: in and out, above dust.
--
-- builds:   exposure_rows
-- grain:    address, category, direction
INSERT INTO exposure_rows
    (chain_id, publication, address, category, direction, hops, counterparties, native_amount, token_transfer_count, share,
     example_address, example_name, example_source, via_address, weight, as_of_block, as_of_block_hash, computed_at)
WITH
    JSONExtract({policy:String}, 'exposure_weight', 'Map(String, Float64)') AS exposure_weight,
    toUInt256(JSONExtractString({policy:String}, 'dust_wei')) AS dust,
    toFloat64(JSONExtractString({policy:String}, 'amount_scale_wei')) AS scale,
    tainted AS
    (
        SELECT
            addresses.address_id AS address_id,
            said.address AS address,
            said.risk_label AS category,
            argMax(said.name, (said.weight, said.name, said.source)) AS name,
            argMax(said.source, (said.weight, said.name, said.source)) AS source
        FROM risk_label_rows AS said
        INNER JOIN addresses ON addresses.chain_id = said.chain_id AND addresses.address = said.address
        WHERE said.chain_id = {chain_id:UInt64} AND said.publication = {publication:UInt64}
          AND said.channel IN ('list', 'label') AND said.weight > 0
        GROUP BY address_id, address, category
    ),
    dealings AS
    (
        SELECT to_id AS address_id, from_id AS tainted_id, 'in' AS direction, native_amount, 0 AS token_transfer_count
        FROM address_edges
        WHERE chain_id = {chain_id:UInt64} AND from_id != to_id AND native_amount >= dust
          AND from_id IN (SELECT address_id FROM tainted)
        UNION ALL
        SELECT from_id AS address_id, to_id AS tainted_id, 'out' AS direction, native_amount, token_transfer_count
        FROM address_edges
        WHERE chain_id = {chain_id:UInt64} AND from_id != to_id AND (native_amount >= dust OR token_transfer_count > 0)
          AND to_id IN (SELECT address_id FROM tainted)
    ),
    totals AS
    (
        SELECT to_id AS address_id, 'in' AS direction, sum(native_amount) AS total
        FROM address_edges WHERE chain_id = {chain_id:UInt64} GROUP BY to_id
        UNION ALL
        SELECT from_id AS address_id, 'out' AS direction, sum(native_amount) AS total
        FROM address_edges WHERE chain_id = {chain_id:UInt64} GROUP BY from_id
    ),
    exposed AS
    (
        SELECT
            dealings.address_id AS address_id,
            dealings.direction AS direction,
            tainted.category AS category,
            uniqExact(dealings.tainted_id) AS counterparties,
            sum(dealings.native_amount) AS amount,
            sum(dealings.token_transfer_count) AS token_transfers,
            argMax((tainted.address, tainted.name, tainted.source), (dealings.native_amount, tainted.address)) AS example
        FROM dealings
        INNER JOIN tainted ON tainted.address_id = dealings.tainted_id
        GROUP BY address_id, direction, category
    )
SELECT
    {chain_id:UInt64} AS chain_id,
    {publication:UInt64} AS publication,
    addresses.address AS exposed_address,
    exposed.category AS category,
    exposed.direction AS direction,
    1 AS hops,
    exposed.counterparties AS counterparties,
    exposed.amount AS native_amount,
    exposed.token_transfers AS token_transfer_count,
    if(totals.total = 0, 0, toFloat64(exposed.amount) / toFloat64(totals.total)) AS share,
    exposed.example.1 AS example_address,
    exposed.example.2 AS example_name,
    exposed.example.3 AS example_source,
    NULL AS via_address,
    exposure_weight[concat(exposed.category, '|', exposed.direction, '|1')] * greatest(
        share,
        toFloat64(exposed.amount) / (toFloat64(exposed.amount) + scale),
        if(exposed.token_transfers > 0, JSONExtractFloat({policy:String}, 'token_factor'), 0)
    ) AS weight,
    {as_of_block:UInt64} AS as_of_block,
    toFixedString(unhex({as_of_block_hash:String}), 32) AS as_of_block_hash,
    toDateTime64({at:String}, 3, 'UTC') AS computed_at
FROM exposed
INNER JOIN addresses ON addresses.chain_id = {chain_id:UInt64} AND addresses.address_id = exposed.address_id
INNER JOIN totals ON totals.address_id = exposed.address_id AND totals.direction = exposed.direction
WHERE addresses.address NOT IN (toFixedString(unhex(repeat('00', 20)), 20), toFixedString(unhex(concat(repeat('00', 18), 'dead')), 20))
