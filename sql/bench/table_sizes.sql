-- Bytes that each table takes on disk, marks, keys, indexes and projections included.
SELECT
    table,
    sum(rows) AS row_count,
    sum(bytes_on_disk) AS byte_count,
    sum(secondary_indices_compressed_bytes) AS index_bytes,
    count() AS part_count
FROM system.parts
WHERE active AND database = currentDatabase()
GROUP BY table
HAVING row_count >= {fewest_rows:UInt64}
ORDER BY table
