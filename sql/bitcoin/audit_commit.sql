-- The row that commits a batch, over the one that opened it.
INSERT INTO bitcoin_audit (
    network, from_block, to_block, state, source, location, block_count, transaction_count, input_count, output_count,
    proofs, version
)
SELECT
    {network:String}, {from_block:UInt64}, {to_block:UInt64}, 'committed', {source:String}, {location:String},
    {blocks:UInt64}, {transactions:UInt64}, {inputs:UInt64}, {outputs:UInt64}, {proofs:Array(String)}, {version:UInt64}
