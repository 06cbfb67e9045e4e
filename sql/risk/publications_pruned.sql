-- Mark publications whose rows are gone; what they rested on stays on record.
--
-- builds:   publications
-- grain:    publication
INSERT INTO publications
SELECT * REPLACE (0 AS rows_kept, {version:UInt64} AS version)
FROM publications
WHERE chain_id = {chain_id:UInt64} AND publication < {below:UInt64} AND publications.rows_kept = 1
