-- Staged headers with a field of a later fork but without one of an earlier; must return no row.
--
-- A header is a list, so that a missing field would let the next one stand in its place under the same hash.
SELECT
    hexToUInt64(number) AS block_number,
    ['baseFeePerGas', 'withdrawalsRoot', 'blobGasUsed', 'excessBlobGas', 'parentBeaconBlockRoot'][indexOf(given, 0)] AS field,
    'missing' AS stated,
    'there, as a field of a later fork is' AS computed,
    [
        isNotNull(baseFeePerGas), isNotNull(withdrawalsRoot), isNotNull(blobGasUsed), isNotNull(excessBlobGas),
        isNotNull(parentBeaconBlockRoot), isNotNull(requestsHash)
    ] AS given
FROM staged_blocks
WHERE arraySort(flag -> -flag, given) != given
ORDER BY block_number
LIMIT 1
