-- Whom labels name as the owner of an address at the time of the as-of block: services by their name, so that what they run can be told apart from people.
--
-- builds: entity_owners
-- grain: one row per address
--
-- A label that says only what kind of thing an address is ("deposit", "exchange wallet") names no owner.
CREATE OR REPLACE TEMPORARY TABLE entity_owners
ENGINE = MergeTree
ORDER BY address
AS
SELECT
    address,
    if(
        aspect = 'service' AND NOT startsWith(actor, '0x') AND NOT has({plain_words:Array(String)}, CAST(actor AS String)),
        CAST(actor AS String), ''
    ) AS owner,
    CAST(category AS String) AS category,
    CAST(aspect AS String) AS aspect,
    confidence
FROM address_actors
WHERE chain_id = {chain_id:UInt64} AND valid_from <= toDateTime64({as_of_time:String}, 3, 'UTC') AND toDateTime64({as_of_time:String}, 3, 'UTC') < valid_to
