-- A range that was searched: written after its logs, so that a range is either searched or not.
INSERT INTO log_coverage (
    chain_id, filter, from_block, to_block, to_block_hash, location, log_count, receipts_count, finality, version
)
SELECT
    {chain_id:UInt64},
    {filter:String},
    {from_block:UInt64},
    {to_block:UInt64},
    hexToWord({to_block_hash:String}),
    {location:String},
    {log_count:UInt64},
    {receipts_count:UInt64},
    {finality:String},
    {version:UInt64}
