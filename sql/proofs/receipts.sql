-- The bytes of each staged receipt that the receipts trie holds (EIP-658, EIP-2718): logs and bloom are in them.
SELECT
    hexToUInt64(number) AS block_number,
    toUInt32(position - 1) AS transaction_index,
    hexToAddress(receipt.contractAddress) AS contract_address,
    concat(
        if(hexToUInt64(receipt.type) = 0, '', char(hexToUInt64(receipt.type))),
        rlpList(concat(
            -- Before Byzantium a receipt carried the state root in place of the status.
            if(
                empty(ifNull(receipt.root, '')),
                rlpQuantity(ifNull(receipt.status, '')),
                rlpString(hexToBytes(ifNull(receipt.root, '')))
            ),
            rlpQuantity(receipt.cumulativeGasUsed),
            rlpString(hexToBytes(receipt.logsBloom)),
            rlpList(arrayStringConcat(arrayMap(
                log -> rlpList(concat(
                    rlpString(hexToBytes(log.address)),
                    rlpList(arrayStringConcat(arrayMap(topic -> rlpString(hexToBytes(topic)), log.topics))),
                    rlpString(hexToBytes(log.data))
                )),
                receipt.logs
            )))
        ))
    ) AS receipt
FROM staged_receipts
ARRAY JOIN receipts AS receipt, arrayEnumerate(receipts) AS position
ORDER BY block_number, transaction_index
