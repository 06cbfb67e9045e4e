-- What one smallest unit of each token of some transactions cost then, in US dollars, where that was known.
SELECT block_number, transaction_index, token_address, any(usd_value / toFloat64(amount)) AS usd_a_unit
FROM transfers_usd
WHERE chain_id = {chain_id:UInt64}
    AND block_number IN (SELECT arrayJoin({blocks:Array(UInt64)}))
    AND (block_number, transaction_index) IN (SELECT arrayJoin(arrayZip({blocks:Array(UInt64)}, {indices:Array(UInt64)})))
    AND usd_value > 0
GROUP BY block_number, transaction_index, token_address
