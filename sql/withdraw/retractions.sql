-- Retract the publications that know a withdrawn block; those that are retracted already stay as they are.
INSERT INTO retractions (chain_id, publication, as_of_block, as_of_block_hash, from_block, reason, version)
SELECT
    chain_id,
    publication,
    as_of_block,
    as_of_block_hash,
    {first:UInt64},
    concat('Block ', toString({first:UInt64}), ' and what followed it, up to the publication''s block ',
        toString(as_of_block), ', left the chain.'),
    {version:UInt64}
FROM publications
WHERE chain_id = {chain_id:UInt64}
    AND as_of_block >= {first:UInt64}
    AND publication NOT IN (SELECT publication FROM retractions WHERE chain_id = {chain_id:UInt64})
