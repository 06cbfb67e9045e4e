-- The signed envelope of each staged transaction, what of it was signed, and the signature.
--
-- Sources: EIP-2718 (envelopes), EIP-155, EIP-2930, EIP-1559, EIP-4844, EIP-7702; notation as in headers.sql, ! a bare byte.
-- Types only their own chain knows have no envelope here (empty). The items are counts of what stands in each.
WITH
    flat AS (
        SELECT
            hexToUInt64(number) AS block_number,
            position - 1 AS transaction_index,
            tx_hash,
            sender,
            receiver,
            nonce,
            toUInt8(hexToUInt64(type)) AS kind,
            hexToUInt64(tx_v) AS v,
            ifNull(tx_v, '') AS stated_v,
            coalesce(y_parity, tx_v, '') AS parity,
            ifNull(tx_r, '') AS r,
            ifNull(tx_s, '') AS s,
            length(access_list) AS accesses,
            arraySum(entry -> length(entry.storageKeys), access_list) AS keys,
            concat(
                if(kind = 0, '', concat('#', ifNull(stated_chain, ''))),
                '#', nonce,
                if(kind < 2, concat('#', ifNull(gas_price, '')), concat('#', ifNull(tip_cap, ''), '#', ifNull(fee_cap, ''))),
                '#', gas, '$', ifNull(receiver, ''), '#', value, '$', input,
                if(kind = 0, '', concat(
                    '[',
                    arrayStringConcat(arrayMap(
                        entry -> concat(
                            '[$', entry.address, '[', arrayStringConcat(arrayMap(key -> concat('$', key), entry.storageKeys)), ']]'
                        ),
                        access_list
                    )),
                    ']'
                )),
                if(kind = 3, concat(
                    '#', ifNull(blob_cap, ''), '[', arrayStringConcat(arrayMap(blob -> concat('$', blob), blobs)), ']'
                ), ''),
                if(kind = 4, concat(
                    '[',
                    arrayStringConcat(arrayMap(
                        a -> concat(
                            '[#', a.chainId, '$', a.address, '#', a.nonce, '#', coalesce(a.yParity, a.v, ''), '#', a.r, '#', a.s, ']'
                        ),
                        authorizations
                    )),
                    ']'
                ), '')
            ) AS body,
            -- The list, six fields, a signature of three; what a type adds.
            10 + multiIf(
                kind = 0, 0,
                kind = 1, 2 + 3 * accesses + keys,
                kind = 2, 3 + 3 * accesses + keys,
                kind = 3, 5 + 3 * accesses + keys + length(blobs),
                4 + 3 * accesses + keys + 7 * length(authorizations)
            ) AS items
        FROM staged_blocks
        ARRAY JOIN
            arrayEnumerate(transactions.hash) AS position, transactions.hash AS tx_hash, transactions.type AS type,
            transactions.chainId AS stated_chain, transactions.nonce AS nonce, transactions.from AS sender,
            transactions.to AS receiver, transactions.value AS value, transactions.gas AS gas,
            transactions.gasPrice AS gas_price, transactions.maxFeePerGas AS fee_cap,
            transactions.maxPriorityFeePerGas AS tip_cap, transactions.maxFeePerBlobGas AS blob_cap,
            transactions.blobVersionedHashes AS blobs, transactions.accessList AS access_list,
            transactions.authorizationList AS authorizations, transactions.input AS input, transactions.v AS tx_v,
            transactions.yParity AS y_parity, transactions.r AS tx_r, transactions.s AS tx_s
    )
SELECT
    block_number,
    toUInt32(transaction_index) AS transaction_index,
    hexToWord(tx_hash) AS transaction_hash,
    hexToAddress(sender) AS sender_address,
    kind,
    toInt64(if(kind = 0, items, items + 1)) AS envelope_items,
    toInt64(multiIf(kind > 0, items - 2, v < 35, items - 3, items)) AS signed_items,
    multiIf(
        kind > 4, '',
        kind = 0, concat('[', body, '#', stated_v, '#', r, '#', s, ']'),
        concat('!0x0', toString(kind), '[', body, '#', parity, '#', r, '#', s, ']')
    ) AS envelope,
    -- What was signed is the envelope without its last three items, and with these (EIP-155) in their place.
    if(kind = 0 AND v >= 35, concat('#0x', hex(intDiv(v - 35, 2)), '$$'), '') AS signed_suffix,
    concat(
        reverse(reinterpretAsFixedString(hexToUInt256(r))),
        reverse(reinterpretAsFixedString(hexToUInt256(s))),
        char(multiIf(kind > 0, hexToUInt64(parity), v < 35, toUInt64(v - 27), toUInt64((v - 35) % 2)))
    ) AS signature,
    -- A creation's address is Keccak(rlp(sender, nonce)); the caller hashes it.
    if(isNull(receiver), concat('[$', sender, '#', nonce, ']'), '') AS creation,
    toInt64(3) AS creation_items
FROM flat
ORDER BY block_number, transaction_index
