-- What to do about whom: grades from Medium up, listed services too, and Low addresses that dealt with somebody grave.
--
-- builds:   recommendation_rows
-- grain:    address, role
INSERT INTO recommendation_rows
    (chain_id, publication, position, recommendation_id, address, role, action, priority, score, grade, reasons,
     valid_from, valid_until, as_of_block, as_of_block_hash, computed_at)
WITH
    JSONExtract({policy:String}, 'action', 'Map(String, String)') AS actions,
    JSONExtract({policy:String}, 'valid_days', 'Map(String, UInt32)') AS valid_days,
    exposed AS
    (
        SELECT address, max(weight) AS gravest
        FROM exposure_rows
        WHERE chain_id = {chain_id:UInt64} AND publication = {publication:UInt64}
        GROUP BY address
    ),
    advised AS
    (
        SELECT
            score_rows.address AS address,
            score_rows.score AS score,
            score_rows.grade AS grade,
            score_rows.reasons AS reasons,
            if(score_rows.list_channel > 0 OR score_rows.grade != 'Low', 'subject', 'counterparty') AS role,
            multiIf(
                score_rows.list_channel > 0, actions['listed'],
                role = 'counterparty', actions['counterparty'],
                actions[score_rows.grade]
            ) AS action
        FROM score_rows
        LEFT JOIN exposed ON exposed.address = score_rows.address
        WHERE score_rows.chain_id = {chain_id:UInt64} AND score_rows.publication = {publication:UInt64}
          AND (score_rows.list_channel > 0 OR NOT score_rows.is_service OR score_rows.label_channel > 0)
          AND (
              score_rows.list_channel > 0 OR score_rows.grade != 'Low'
              OR (NOT score_rows.is_service AND exposed.gravest >= JSONExtractFloat({policy:String}, 'counterparty_floor'))
          )
    )
SELECT
    {chain_id:UInt64} AS chain_id,
    {publication:UInt64} AS publication,
    row_number() OVER (ORDER BY priority, advised.score DESC, advised.address) AS position,
    lower(hex(substring(SHA256(concat(toString({chain_id:UInt64}), '|', advised.address, '|', role, '|', action)), 1, 16))) AS recommendation_id,
    advised.address AS address,
    role,
    action,
    transform(action, ['freeze_and_report', 'block', 'enhanced_due_diligence', 'review'], [1, 2, 3, 4], 5) AS priority,
    advised.score AS score,
    advised.grade AS grade,
    advised.reasons AS reasons,
    toDateTime(toDateTime64({at:String}, 3, 'UTC'), 'UTC') AS valid_from,
    valid_from + toIntervalDay(valid_days[action]) AS valid_until,
    {as_of_block:UInt64} AS as_of_block,
    toFixedString(unhex({as_of_block_hash:String}), 32) AS as_of_block_hash,
    toDateTime64({at:String}, 3, 'UTC') AS computed_at
FROM advised
