-- Contracts that a factory made (CREATE or CREATE2) and the one account whose transactions made it do so.
--
-- grain: contract
--
-- A factory that several accounts use serves the public, and what it makes is theirs, who knows whose: it links nobody.
WITH
    made AS
    (
        SELECT t.from_address AS factory, assumeNotNull(t.to_address) AS contract, x.from_address AS signer, t.transaction_hash AS making
        FROM traces AS t
        INNER JOIN transactions AS x
            ON x.chain_id = t.chain_id AND x.block_number = t.block_number AND x.transaction_index = t.transaction_index
        WHERE t.chain_id = {chain_id:UInt64} AND t.block_number <= {as_of_block:UInt64}
            AND t.trace_type = 'create' AND t.reverted = 0 AND t.to_address IS NOT NULL AND notEmpty(t.trace_address)
    ),
    private AS
    (
        SELECT factory
        FROM made
        GROUP BY factory
        HAVING uniqExact(signer) = 1 AND uniqExact(contract) >= {min_contracts:UInt64}
    )
SELECT
    if(signer < contract, signer, contract) AS left_address,
    if(signer < contract, contract, signer) AS right_address,
    any(factory) AS via_address,
    1. AS strength,
    concat(
        '0x', lower(hex(signer)), ' alone has the factory 0x', lower(hex(via_address)), ' make contracts, 0x', lower(hex(contract)), ' among them.'
    ) AS sentence,
    groupUniqArray(3)(making) AS evidence
FROM made
WHERE factory IN (SELECT factory FROM private) AND signer != contract
GROUP BY signer, contract
