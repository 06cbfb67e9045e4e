-- What each staged block's header says and the bytes that its hash must be of (yellow paper, section 4.3).
--
-- Fields of later forks are part of the header where the node sends them: base fee (EIP-1559), withdrawals (EIP-4895), blobs
-- (EIP-4844), beacon root (EIP-4788), requests (EIP-7685).
SELECT
    hexToUInt64(number) AS block_number,
    hexToWord(hash) AS block_hash,
    hexToWord(transactionsRoot) AS transactions_root,
    hexToWord(receiptsRoot) AS receipts_root,
    hexToWord(withdrawalsRoot) AS withdrawals_root,
    toUInt8(isNotNull(withdrawalsRoot) AND notEmpty(withdrawals)) AS has_withdrawals,
    rlpList(concat(
        rlpString(hexToBytes(parentHash)),
        rlpString(hexToBytes(sha3Uncles)),
        rlpString(hexToBytes(miner)),
        rlpString(hexToBytes(stateRoot)),
        rlpString(hexToBytes(transactionsRoot)),
        rlpString(hexToBytes(receiptsRoot)),
        rlpString(hexToBytes(logsBloom)),
        rlpQuantity(difficulty),
        rlpQuantity(number),
        rlpQuantity(gasLimit),
        rlpQuantity(gasUsed),
        rlpQuantity(timestamp),
        rlpString(hexToBytes(extraData)),
        rlpString(hexToBytes(mixHash)),
        rlpString(hexToBytes(nonce)),
        if(isNull(baseFeePerGas), '', rlpQuantity(assumeNotNull(baseFeePerGas))),
        if(isNull(withdrawalsRoot), '', rlpString(hexToBytes(assumeNotNull(withdrawalsRoot)))),
        if(isNull(blobGasUsed), '', rlpQuantity(assumeNotNull(blobGasUsed))),
        if(isNull(excessBlobGas), '', rlpQuantity(assumeNotNull(excessBlobGas))),
        if(isNull(parentBeaconBlockRoot), '', rlpString(hexToBytes(assumeNotNull(parentBeaconBlockRoot)))),
        if(isNull(requestsHash), '', rlpString(hexToBytes(assumeNotNull(requestsHash))))
    )) AS header
FROM staged_blocks
ORDER BY block_number
