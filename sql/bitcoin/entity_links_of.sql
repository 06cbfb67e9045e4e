-- Transactions that spend from members of an entity together, or from one address with others: the reasons, and what was refused.
SELECT
    block_number, concat('0x', lower(hex(transaction_id))) AS transaction_id, address_count, CAST(outcome AS String) AS outcome, objection
FROM bitcoin_entity_links
WHERE network = {network:String}
    AND (block_number, transaction_index) IN (
        SELECT block_number, transaction_index FROM bitcoin_inputs
        WHERE network = {network:String} AND address IN (SELECT arrayJoin({addresses:Array(String)}))
    )
ORDER BY block_number, transaction_index
LIMIT {most:UInt64}
