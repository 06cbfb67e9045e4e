-- Withdraw the points of series that know a withdrawn block; the next transform measures them anew.
INSERT INTO metric_points (chain_id, metric, bucket, dimension, bucket_start, version, is_deleted)
SELECT chain_id, metric, bucket, dimension, bucket_start, version + 1, 1
FROM metric_points
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
