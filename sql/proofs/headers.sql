-- What each staged block's header says, how much belongs to it (-1: the source has none of that), and what its hash is of.
--
-- Yellow paper, section 4.3; fields of later forks belong to the header where the node sends them: base fee (EIP-1559),
-- withdrawals (EIP-4895), blobs (EIP-4844), beacon root (EIP-4788), requests (EIP-7685). `header` is in the notation that
-- ingest/rlp.py encodes: [ ] a list, # a quantity, $ bytes.
SELECT
    hexToUInt64(staged_blocks.number) AS block_number,
    hexToWord(hash) AS block_hash,
    hexToWord(transactionsRoot) AS transactions_root,
    hexToWord(receiptsRoot) AS receipts_root,
    hexToWord(withdrawalsRoot) AS withdrawals_root,
    toInt64(length(transactions)) AS transaction_count,
    if(withdrawals = [('absent', '', '', '')], toInt64(-1), toInt64(length(withdrawals))) AS withdrawal_count,
    ifNull(r.receipt_count, toInt64(-1)) AS receipt_count,
    concat(
        '[$', parentHash, '$', sha3Uncles, '$', miner, '$', stateRoot, '$', transactionsRoot, '$', receiptsRoot,
        '$', logsBloom, '#', ifNull(difficulty, ''), '#', staged_blocks.number, '#', gasLimit, '#', gasUsed, '#', timestamp,
        '$', extraData, '$', mixHash, '$', nonce,
        ifNull(concat('#', baseFeePerGas), ''),
        ifNull(concat('$', withdrawalsRoot), ''),
        ifNull(concat('#', blobGasUsed), ''),
        ifNull(concat('#', excessBlobGas), ''),
        ifNull(concat('$', parentBeaconBlockRoot), ''),
        ifNull(concat('$', requestsHash), ''),
        ']'
    ) AS header,
    toInt64(
        16 + isNotNull(baseFeePerGas) + isNotNull(withdrawalsRoot) + isNotNull(blobGasUsed) + isNotNull(excessBlobGas)
        + isNotNull(parentBeaconBlockRoot) + isNotNull(requestsHash)
    ) AS header_items
FROM staged_blocks
LEFT JOIN (
    SELECT hexToUInt64(number) AS block_number, toNullable(toInt64(length(receipts))) AS receipt_count FROM staged_receipts
) AS r ON r.block_number = hexToUInt64(staged_blocks.number)
ORDER BY block_number
