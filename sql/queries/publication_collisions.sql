-- What speaks against committing a draft: publications of its number or a later one, and addresses scored twice in it.
SELECT
    (SELECT count() FROM publications WHERE chain_id = {chain_id:UInt64} AND publication >= {publication:UInt64}) AS later_publications,
    (
        SELECT count() - uniqExact(address) FROM score_rows
        WHERE chain_id = {chain_id:UInt64} AND publication = {publication:UInt64}
    ) AS scored_twice
