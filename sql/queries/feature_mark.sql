-- How far the features of a chain have got.
SELECT checksum, changes_version, to_block FROM feature_marks WHERE chain_id = {chain_id:UInt64}
