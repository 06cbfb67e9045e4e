-- What each staged block's header says, as it was written, and how much belongs to it (-1: the source has none of that).
WITH withdrawals = [('absent', '', '', '')] AS is_absent
SELECT
    hexToUInt64(staged_blocks.number) AS block_number,
    toInt64(length(transactions.hash)) AS transaction_count,
    if(is_absent, toInt64(-1), toInt64(length(withdrawals.index))) AS withdrawal_count,
    ifNull(r.receipt_count, toInt64(-1)) AS receipt_count,
    (SELECT count() FROM staged_traces) AS traced_blocks,
    staged_blocks.number AS number,
    hash,
    parentHash,
    sha3Uncles,
    miner,
    stateRoot,
    transactionsRoot,
    receiptsRoot,
    logsBloom,
    difficulty,
    gasLimit,
    gasUsed,
    timestamp,
    extraData,
    mixHash,
    nonce,
    baseFeePerGas,
    withdrawalsRoot,
    blobGasUsed,
    excessBlobGas,
    parentBeaconBlockRoot,
    requestsHash,
    size,
    if(is_absent, [], withdrawals.index) AS withdrawal_index,
    if(is_absent, [], withdrawals.validatorIndex) AS withdrawal_validator,
    if(is_absent, [], withdrawals.address) AS withdrawal_address,
    if(is_absent, [], withdrawals.amount) AS withdrawal_amount
FROM staged_blocks
LEFT JOIN (
    SELECT hexToUInt64(number) AS block_number, toNullable(toInt64(length(receipts.blockHash))) AS receipt_count
    FROM staged_receipts
) AS r ON r.block_number = hexToUInt64(staged_blocks.number)
ORDER BY block_number
