-- Headers of the staged blocks; run last of the raw tables.
INSERT INTO blocks (
    chain_id, block_number, block_hash, block_timestamp, parent_hash, miner, state_root, transactions_root,
    receipts_root, withdrawals_root, difficulty, gas_limit, gas_used, base_fee_per_gas, blob_gas_used,
    excess_blob_gas, extra_data, size, transaction_count, version
)
SELECT
    {chain_id:UInt64},
    hexToUInt64(number),
    hexToWord(hash),
    toDateTime(hexToUInt64(timestamp), 'UTC'),
    hexToWord(parentHash),
    hexToAddress(miner),
    hexToWord(stateRoot),
    hexToWord(transactionsRoot),
    hexToWord(receiptsRoot),
    if(isNull(withdrawalsRoot), NULL, hexToWord(withdrawalsRoot)),
    hexToUInt256(difficulty),
    hexToUInt64(gasLimit),
    hexToUInt64(gasUsed),
    if(isNull(baseFeePerGas), NULL, hexToUInt256(baseFeePerGas)),
    if(isNull(blobGasUsed), NULL, hexToUInt64(blobGasUsed)),
    if(isNull(excessBlobGas), NULL, hexToUInt64(excessBlobGas)),
    hexToBytes(extraData),
    hexToUInt64(size),
    length(transactions),
    {version:UInt64}
FROM staged_blocks
