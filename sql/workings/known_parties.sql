-- Addresses that sources name and the contracts the chain itself shows, so that detectors can tell services from people.
--
-- builds: known_parties
-- grain: one row per address and category; category is a label's, or 'contract' for an address that runs code
--
-- Labels count when the store knows them now and they are true at the time of the as-of block: one that begins later tells nothing yet.
CREATE OR REPLACE TEMPORARY TABLE known_parties
ENGINE = MergeTree
ORDER BY (address, category)
AS
SELECT DISTINCT toFixedString(address, 20) AS address, category, has({service_categories:Array(String)}, category) AS is_service
FROM
(
    SELECT address, CAST(category AS String) AS category
    FROM labels
    -- An EVM address has the same owner on every EVM chain far more often than not, so the label's chain is not asked.
    WHERE length(address) = 20
        AND known_from <= toDateTime64({known_at:String}, 3, 'UTC') AND toDateTime64({known_at:String}, 3, 'UTC') < known_to
        AND valid_from <= toDateTime64({as_of_time:String}, 3, 'UTC') AND toDateTime64({as_of_time:String}, 3, 'UTC') < valid_to

    UNION ALL

    SELECT CAST(address AS String), 'contract' FROM logs
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64}

    UNION ALL

    SELECT CAST(assumeNotNull(contract_address) AS String), 'contract' FROM transactions
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND contract_address IS NOT NULL

    UNION ALL

    -- A call that costs more than its intrinsic gas ran code: 21,000 and at most 40 a byte of call data (EIP-7623).
    SELECT CAST(assumeNotNull(to_address) AS String), 'contract' FROM transactions
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND to_address IS NOT NULL
        AND success != 0 AND gas_used > 21000 + 40 * input_length

    UNION ALL

    SELECT CAST(token_address AS String), 'contract' FROM transfers
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND token_address != unhex(repeat('00', 20))

    UNION ALL

    SELECT CAST(from_address AS String), 'contract' FROM traces
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND notEmpty(trace_address)
)
WHERE category NOT IN ('')
