-- How much of everything a chain has, for the first line of a report.
SELECT
    (SELECT count() FROM blocks WHERE chain_id = {chain_id:UInt64}) AS blocks,
    (SELECT count() FROM transactions WHERE chain_id = {chain_id:UInt64}) AS transactions,
    (SELECT count() FROM transfers WHERE chain_id = {chain_id:UInt64}) AS transfers,
    (SELECT count() FROM addresses WHERE chain_id = {chain_id:UInt64}) AS addresses,
    (SELECT count() FROM typology_findings WHERE chain_id = {chain_id:UInt64}) AS findings,
    (SELECT count() FROM recommendations WHERE chain_id = {chain_id:UInt64}) AS recommendations
