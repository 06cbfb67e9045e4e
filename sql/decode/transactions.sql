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
    hexToWord(t.tx_hash),
    toUInt8(hexToUInt64(t.type)),
    hexToUInt64(t.nonce),
    hexToAddress(t.sender),
    if(isNull(t.receiver), NULL, hexToAddress(t.receiver)),
    hexToUInt256(t.value),
    hexToUInt64(t.gas),
    hexToUInt256(t.price),
    if(isNull(t.fee_cap), NULL, hexToUInt256(t.fee_cap)),
    if(isNull(t.tip_cap), NULL, hexToUInt256(t.tip_cap)),
    if(isNull(t.blob_cap), NULL, hexToUInt256(t.blob_cap)),
    arrayMap(x -> hexToWord(x), blobs),
    arrayMap(x -> (hexToAddress(x.address), arrayMap(k -> hexToWord(k), x.storageKeys)), access_list),
    arrayMap(
        x -> (
            hexToUInt256(x.chainId),
            hexToAddress(x.address),
            hexToUInt64(x.nonce),
            hexToUInt256(coalesce(x.yParity, x.v)),
            hexToUInt256(x.r),
            hexToUInt256(x.s)
        ),
        authorizations
    ),
    hexToBytes(t.input),
    intDiv(length(t.input) - 2, 2),
    substring(hexToBytes(t.input), 1, 4),
    -- 2: no receipt, or one from before Byzantium, which does not say.
    multiIf(isNull(r.status), 2, hexToUInt64(r.status) = 1, 1, 0),
    hexToUInt64(r.gas_used),
    hexToUInt64(r.cumulative),
    hexToUInt256(coalesce(r.paid, t.price)),
    hexToUInt64(r.blob_gas),
    hexToUInt256(r.blob_price),
    if(isNull(r.contract), NULL, hexToAddress(r.contract)),
    {version:UInt64}
FROM (
    SELECT
        hexToUInt64(number) AS block_number, hexToWord(hash) AS block_hash,
        toDateTime(hexToUInt64(timestamp), 'UTC') AS block_timestamp, toUInt32(position - 1) AS transaction_index, tx_hash, type,
        nonce, sender, receiver, value, gas, price, fee_cap, tip_cap, blob_cap, blobs, access_list, authorizations, input
    FROM staged_blocks
    ARRAY JOIN
        arrayEnumerate(transactions.hash) AS position, transactions.hash AS tx_hash, transactions.type AS type,
        transactions.nonce AS nonce, transactions.from AS sender, transactions.to AS receiver, transactions.value AS value,
        transactions.gas AS gas, transactions.gasPrice AS price, transactions.maxFeePerGas AS fee_cap,
        transactions.maxPriorityFeePerGas AS tip_cap, transactions.maxFeePerBlobGas AS blob_cap,
        transactions.blobVersionedHashes AS blobs, transactions.accessList AS access_list,
        transactions.authorizationList AS authorizations, transactions.input AS input
) AS t
LEFT JOIN (
    -- Only what is needed: with its logs a receipt would be carried through the join.
    SELECT
        hexToUInt64(number) AS block_number, toUInt32(hexToUInt64(index)) AS transaction_index, status, gas_used, cumulative, paid,
        blob_gas, blob_price, contract
    FROM staged_receipts
    ARRAY JOIN
        receipts.transactionIndex AS index, receipts.status AS status, receipts.gasUsed AS gas_used,
        receipts.cumulativeGasUsed AS cumulative, receipts.effectiveGasPrice AS paid, receipts.blobGasUsed AS blob_gas,
        receipts.blobGasPrice AS blob_price, receipts.contractAddress AS contract
) AS r ON r.block_number = t.block_number AND r.transaction_index = t.transaction_index
