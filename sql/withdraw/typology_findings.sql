-- Withdraw the findings that show a withdrawn transaction as evidence; their own step finds anew what still holds.
INSERT INTO typology_findings (chain_id, address, typology, role, version, is_deleted)
SELECT chain_id, address, typology, role, version + 1, 1
FROM typology_findings
WHERE chain_id = {chain_id:UInt64}
    AND as_of_block >= {first:UInt64}
    AND hasAny(evidence, (
        SELECT groupArray(transaction_hash) FROM transactions
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
    ))
