-- Say that rows of a range of blocks are being written or withdrawn: whoever finds this after a crash clears them.
INSERT INTO bitcoin_audit (network, from_block, to_block, state, source, location, version)
SELECT
    {network:String}, {from_block:UInt64}, {to_block:UInt64}, 'open', {source:String}, {location:String}, {version:UInt64}
