-- Transactions of the staged blocks, with what their receipts add.
INSERT INTO transactions (
    chain_id, block_number, block_hash, block_timestamp, transaction_index, transaction_hash, transaction_type, nonce,
    from_address, to_address, value, gas_limit, gas_price, max_fee_per_gas, max_priority_fee_per_gas,
    max_fee_per_blob_gas, blob_versioned_hashes, access_list, authorization_list, input, input_length, method_id,
    success, gas_used, cumulative_gas_used, effective_gas_price, blob_gas_used, blob_gas_price, contract_address,
    version
)
SELECT
    {chain_id:UInt64},
    t.block_number,
    t.block_hash,
    t.block_timestamp,
    t.transaction_index,
    hexToWord(t.tx.hash),
    toUInt8(hexToUInt64(t.tx.type)),
    hexToUInt64(t.tx.nonce),
    hexToAddress(t.tx.from),
    if(isNull(t.tx.to), NULL, hexToAddress(t.tx.to)),
    hexToUInt256(t.tx.value),
    hexToUInt64(t.tx.gas),
    hexToUInt256(t.tx.gasPrice),
    if(isNull(t.tx.maxFeePerGas), NULL, hexToUInt256(t.tx.maxFeePerGas)),
    if(isNull(t.tx.maxPriorityFeePerGas), NULL, hexToUInt256(t.tx.maxPriorityFeePerGas)),
    if(isNull(t.tx.maxFeePerBlobGas), NULL, hexToUInt256(t.tx.maxFeePerBlobGas)),
    arrayMap(x -> hexToWord(x), t.tx.blobVersionedHashes),
    arrayMap(x -> (hexToAddress(x.address), arrayMap(k -> hexToWord(k), x.storageKeys)), t.tx.accessList),
    arrayMap(
        x -> (
            hexToUInt256(x.chainId),
            hexToAddress(x.address),
            hexToUInt64(x.nonce),
            hexToUInt256(coalesce(x.yParity, x.v)),
            hexToUInt256(x.r),
            hexToUInt256(x.s)
        ),
        t.tx.authorizationList
    ),
    hexToBytes(t.tx.input),
    intDiv(length(t.tx.input) - 2, 2),
    substring(hexToBytes(t.tx.input), 1, 4),
    -- 2: no receipt, or one from before Byzantium, which does not say.
    multiIf(isNull(r.receipt.status), 2, hexToUInt64(r.receipt.status) = 1, 1, 0),
    hexToUInt64(r.receipt.gasUsed),
    hexToUInt64(r.receipt.cumulativeGasUsed),
    hexToUInt256(coalesce(r.receipt.effectiveGasPrice, t.tx.gasPrice)),
    hexToUInt64(r.receipt.blobGasUsed),
    hexToUInt256(r.receipt.blobGasPrice),
    if(isNull(r.receipt.contractAddress), NULL, hexToAddress(r.receipt.contractAddress)),
    {version:UInt64}
FROM (
    SELECT
        hexToUInt64(number) AS block_number,
        hexToWord(hash) AS block_hash,
        toDateTime(hexToUInt64(timestamp), 'UTC') AS block_timestamp,
        tx,
        toUInt32(position - 1) AS transaction_index
    FROM staged_blocks
    ARRAY JOIN transactions AS tx, arrayEnumerate(transactions) AS position
) AS t
LEFT JOIN (
    SELECT
        hexToUInt64(number) AS block_number,
        receipt,
        toUInt32(hexToUInt64(receipt.transactionIndex)) AS transaction_index
    FROM staged_receipts
    ARRAY JOIN receipts AS receipt
) AS r ON r.block_number = t.block_number AND r.transaction_index = t.transaction_index
