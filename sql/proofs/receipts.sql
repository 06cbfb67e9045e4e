-- What the receipts trie holds of each staged receipt (EIP-658, EIP-2718): logs and bloom are in it; notation as in headers.sql.
SELECT
    hexToUInt64(number) AS block_number,
    toUInt32(position - 1) AS transaction_index,
    hexToAddress(contract) AS contract_address,
    concat(
        if(hexToUInt64(type) = 0, '', concat('!0x', hex(toUInt8(hexToUInt64(type))))),
        '[',
        -- Before Byzantium a receipt carried the state root in place of the status.
        if(ifNull(root, '') IN ('', '0x'), concat('#', ifNull(status, '')), concat('$', ifNull(root, ''))),
        '#', cumulative, '$', bloom, '[',
        arrayStringConcat(arrayMap(
            (address, topics, data) ->
                concat('[$', address, '[', if(empty(topics), '', concat('$', arrayStringConcat(topics, '$'))), ']$', data, ']'),
            addresses, topic_lists, data_list
        )),
        ']]'
    ) AS receipt,
    toInt64(
        5 + (hexToUInt64(type) != 0) + 4 * length(addresses) + arraySum(topics -> length(topics), topic_lists)
    ) AS receipt_items
FROM staged_receipts
ARRAY JOIN
    arrayEnumerate(receipts.cumulativeGasUsed) AS position, receipts.type AS type, receipts.root AS root,
    receipts.status AS status, receipts.cumulativeGasUsed AS cumulative, receipts.logsBloom AS bloom,
    receipts.contractAddress AS contract, receipts.logs.address AS addresses, receipts.logs.topics AS topic_lists,
    receipts.logs.data AS data_list
ORDER BY block_number, transaction_index
