-- Who is two hops from a listed or labelled address, along time, through one address that is no service and no hub.
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
    said AS
    (
        SELECT
            addresses.address_id AS address_id,
            risk_label_rows.address AS address,
            risk_label_rows.risk_label AS category,
            max(risk_label_rows.weight) AS gravity,
            argMax(risk_label_rows.name, (risk_label_rows.weight, risk_label_rows.name, risk_label_rows.source)) AS name,
            argMax(risk_label_rows.source, (risk_label_rows.weight, risk_label_rows.name, risk_label_rows.source)) AS source,
            max(risk_label_rows.is_service) AS is_service
        FROM risk_label_rows
        INNER JOIN addresses ON addresses.chain_id = risk_label_rows.chain_id AND addresses.address = risk_label_rows.address
        WHERE risk_label_rows.chain_id = {chain_id:UInt64} AND risk_label_rows.publication = {publication:UInt64}
          AND risk_label_rows.channel IN ('list', 'label')
        GROUP BY address_id, address, category
    ),
    edges AS
    (
        -- Both directions are walked alike: 'near' is the side of the tainted address, 'far' the other one.
        SELECT from_id AS near_id, to_id AS far_id, 'in' AS direction, native_amount, first_block, last_block
        FROM address_edges
        WHERE chain_id = {chain_id:UInt64} AND from_id != to_id AND native_amount >= dust
        UNION ALL
        SELECT to_id AS near_id, from_id AS far_id, 'out' AS direction, native_amount, first_block, last_block
        FROM address_edges
        WHERE chain_id = {chain_id:UInt64} AND from_id != to_id AND native_amount >= dust
    ),
    barriers AS
    (
        SELECT address_id FROM said WHERE is_service = 1 OR gravity > 0
        UNION ALL
        SELECT address_id FROM addresses
        WHERE chain_id = {chain_id:UInt64}
          AND address IN (toFixedString(unhex(repeat('00', 20)), 20), toFixedString(unhex(concat(repeat('00', 18), 'dead')), 20))
        UNION ALL
        SELECT near_id AS address_id
        FROM (SELECT arrayJoin([from_id, to_id]) AS near_id FROM address_edges WHERE chain_id = {chain_id:UInt64})
        GROUP BY near_id
        HAVING count() > JSONExtractUInt({policy:String}, 'hub_degree')
    ),
    first_leg AS
    (
        SELECT near_id AS tainted_id, far_id AS via_id, direction, native_amount, first_block, last_block
        FROM edges
        WHERE near_id IN (SELECT address_id FROM said WHERE gravity > 0) AND far_id NOT IN (SELECT address_id FROM barriers)
    ),
    through AS
    (
        -- One row per address, address in between and category: no more came through than it took and than it gave.
        SELECT
            second_leg.far_id AS address_id,
            first_leg.via_id AS via_id,
            first_leg.direction AS direction,
            tainted.category AS category,
            least(sum(first_leg.native_amount), min(second_leg.native_amount)) AS amount,
            argMax((tainted.address, tainted.name, tainted.source), (first_leg.native_amount, tainted.address)) AS example
        FROM first_leg
        INNER JOIN edges AS second_leg ON second_leg.near_id = first_leg.via_id AND second_leg.direction = first_leg.direction
        INNER JOIN said AS tainted ON tainted.address_id = first_leg.tainted_id
        WHERE tainted.gravity > 0
          AND second_leg.far_id != first_leg.tainted_id
          -- Money cannot leave before it came; going out, the order is the other way round.
          AND if(
              first_leg.direction = 'in',
              first_leg.first_block <= second_leg.last_block,
              second_leg.first_block <= first_leg.last_block
          )
        GROUP BY address_id, via_id, direction, category
    ),
    exposed AS
    (
        SELECT
            address_id, direction, category,
            count() AS ways,
            sum(amount) AS moved,
            argMax(example, (amount, via_id)) AS best_example,
            argMax(via_id, (amount, via_id)) AS best_via
        FROM through
        GROUP BY address_id, direction, category
    ),
    totals AS
    (
        SELECT far_id AS address_id, direction, sum(native_amount) AS total FROM edges GROUP BY far_id, direction
    )
SELECT
    {chain_id:UInt64} AS chain_id,
    {publication:UInt64} AS publication,
    own.address AS exposed_address,
    exposed.category AS category,
    exposed.direction AS direction,
    2 AS hops,
    exposed.ways AS counterparties,
    exposed.moved AS native_amount,
    0 AS token_transfer_count,
    toFloat64(exposed.moved) / toFloat64(totals.total) AS share,
    exposed.best_example.1 AS example_address,
    exposed.best_example.2 AS example_name,
    exposed.best_example.3 AS example_source,
    toNullable(via.address) AS via_address,
    exposure_weight[concat(exposed.category, '|', exposed.direction, '|2')]
        * greatest(share, toFloat64(exposed.moved) / (toFloat64(exposed.moved) + scale)) AS weight,
    {as_of_block:UInt64} AS as_of_block,
    toFixedString(unhex({as_of_block_hash:String}), 32) AS as_of_block_hash,
    toDateTime64({at:String}, 3, 'UTC') AS computed_at
FROM exposed
INNER JOIN addresses AS own ON own.chain_id = {chain_id:UInt64} AND own.address_id = exposed.address_id
INNER JOIN addresses AS via ON via.chain_id = {chain_id:UInt64} AND via.address_id = exposed.best_via
INNER JOIN totals ON totals.address_id = exposed.address_id AND totals.direction = exposed.direction
WHERE own.address NOT IN (toFixedString(unhex(repeat('00', 20)), 20), toFixedString(unhex(concat(repeat('00', 18), 'dead')), 20))
