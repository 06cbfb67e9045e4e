-- Contracts that were created, by whom and how.
--
-- question: Which contracts came into being, who signed for it, and was it directly or by another contract (a
--   factory)?
-- tags: contracts
-- column created_at: When
-- column contract: The new contract
-- column creator: Who created it: the signer, or the contract that did
-- column signer: Who signed the transaction
-- column by_factory: 1 when a contract created it
-- column quantity [coins]: Native coin it was born with
-- column block_number: Height
-- column transaction_hash: Transaction
-- example: chainsight query run contract_creations --param most=10
SELECT
    made.block_timestamp AS created_at,
    concat('0x', lower(hex(assumeNotNull(made.to_address)))) AS contract,
    concat('0x', lower(hex(made.from_address))) AS creator,
    concat('0x', lower(hex(signed.from_address))) AS signer,
    notEmpty(made.trace_address) AS by_factory,
    toFloat64(made.value) / 1e18 AS quantity,
    made.block_number AS block_number,
    concat('0x', lower(hex(made.transaction_hash))) AS transaction_hash
FROM traces AS made
LEFT JOIN (
    SELECT block_number, transaction_index, from_address
    FROM transactions
    WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
) AS signed ON signed.block_number = made.block_number AND signed.transaction_index = made.transaction_index
WHERE made.chain_id = {chain_id:UInt64}
    AND made.block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    AND made.trace_type = 'create'
    AND made.reverted = 0
    AND made.to_address IS NOT NULL
ORDER BY made.block_number, made.trace_index
LIMIT {most:UInt64}
