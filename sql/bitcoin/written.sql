-- What the store has of a range of blocks, to be compared with what was proven before it commits.
SELECT
    (
        SELECT count() FROM bitcoin_blocks
        WHERE network = {network:String} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    ) AS blocks,
    (
        SELECT count() FROM bitcoin_transactions
        WHERE network = {network:String} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    ) AS transactions,
    (
        SELECT count() FROM bitcoin_inputs
        WHERE network = {network:String} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    ) AS inputs,
    (
        SELECT countIf(resolution = 'unresolved') FROM bitcoin_inputs
        WHERE network = {network:String} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    ) AS unresolved,
    count() AS outputs,
    sum(toUInt128(value)) AS output_value
FROM bitcoin_outputs
WHERE network = {network:String} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
