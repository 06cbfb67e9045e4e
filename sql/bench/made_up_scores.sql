-- Made-up scores for every address of the store: a hash, so that questions about scores have something to join.
INSERT INTO score_rows (chain_id, publication, address, score, grade, evidence, as_of_block)
WITH given AS (
    SELECT DISTINCT arrayJoin([from_address, to_address]) AS address
    FROM transfers
    WHERE chain_id = {chain_id:UInt64}
)
SELECT
    {chain_id:UInt64},
    1,
    address,
    cityHash64(address) % 1000 / 10 AS made_up,
    multiIf(made_up >= 90, 'Severe', made_up >= 75, 'High', made_up >= 40, 'Medium', 'Low'),
    'sufficient',
    {as_of_block:UInt64}
FROM given
