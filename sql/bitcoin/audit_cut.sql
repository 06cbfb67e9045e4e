-- Take every block from {first} on out of the committed batches, and say that its rows are being withdrawn, in one insert.
--
-- What stays of a batch that is cut becomes a batch of its own, with the counts of the blocks that stay.
INSERT INTO bitcoin_audit (
    network, from_block, to_block, state, source, location, block_count, transaction_count, input_count, output_count,
    proofs, version, is_deleted
)
SELECT network, from_block, to_block, state, source, location, 0, 0, 0, 0, [], version + 1, 1
FROM bitcoin_audit
WHERE network = {network:String} AND state = 'committed' AND to_block >= {first:UInt64}
UNION ALL
SELECT
    network,
    from_block,
    {first:UInt64} - 1,
    'committed',
    source,
    location,
    (
        SELECT count() FROM bitcoin_blocks
        WHERE network = {network:String} AND block_number < {first:UInt64} AND block_number >= (
            SELECT max(from_block) FROM bitcoin_audit
            WHERE network = {network:String} AND state = 'committed' AND from_block < {first:UInt64}
        )
    ),
    (
        SELECT count() FROM bitcoin_transactions
        WHERE network = {network:String} AND block_number < {first:UInt64} AND block_number >= (
            SELECT max(from_block) FROM bitcoin_audit
            WHERE network = {network:String} AND state = 'committed' AND from_block < {first:UInt64}
        )
    ),
    (
        SELECT count() FROM bitcoin_inputs
        WHERE network = {network:String} AND block_number < {first:UInt64} AND block_number >= (
            SELECT max(from_block) FROM bitcoin_audit
            WHERE network = {network:String} AND state = 'committed' AND from_block < {first:UInt64}
        )
    ),
    (
        SELECT count() FROM bitcoin_outputs
        WHERE network = {network:String} AND block_number < {first:UInt64} AND block_number >= (
            SELECT max(from_block) FROM bitcoin_audit
            WHERE network = {network:String} AND state = 'committed' AND from_block < {first:UInt64}
        )
    ),
    proofs,
    {version:UInt64},
    0
FROM bitcoin_audit
WHERE network = {network:String} AND state = 'committed' AND from_block < {first:UInt64} AND to_block >= {first:UInt64}
UNION ALL
SELECT {network:String}, {first:UInt64}, {last:UInt64}, 'open', 'rpc', {location:String}, 0, 0, 0, 0, [], {version:UInt64}, 0
