-- A contract and the account that created it with a transaction of its own.
--
-- grain: contract
SELECT
    if(from_address < contract, from_address, contract) AS left_address,
    if(from_address < contract, contract, from_address) AS right_address,
    toFixedString('', 20) AS via_address,
    1. AS strength,
    concat('0x', lower(hex(from_address)), ' created the contract 0x', lower(hex(contract)), '.') AS sentence,
    [transaction_hash] AS evidence
FROM
(
    SELECT from_address, assumeNotNull(contract_address) AS contract, transaction_hash
    FROM transactions
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND contract_address IS NOT NULL AND success != 0
)
WHERE from_address != contract
