-- The signed envelope of each staged transaction, the bytes its sender signed, and the signature.
--
-- Sources: EIP-2718 (envelopes), EIP-155, EIP-2930, EIP-1559, EIP-4844, EIP-7702. Types only their own chain knows have no
-- envelope here (empty): rollups took theirs from 0x40 up (Arbitrum 0x64, zkSync 0x71, Optimism 0x7e).
WITH
    flat AS (
        SELECT
            hexToUInt64(number) AS block_number,
            toUInt32(position - 1) AS transaction_index,
            tx,
            toUInt8(hexToUInt64(tx.type)) AS kind,
            hexToUInt64(ifNull(tx.v, '0x0')) AS v,
            arrayStringConcat(arrayMap(
                entry -> rlpList(concat(
                    rlpString(hexToBytes(entry.address)),
                    rlpList(arrayStringConcat(arrayMap(key -> rlpString(hexToBytes(key)), entry.storageKeys)))
                )),
                tx.accessList
            )) AS access_list,
            concat(
                rlpQuantity(tx.gas),
                rlpString(hexToBytes(ifNull(tx.to, ''))),
                rlpQuantity(tx.value),
                rlpString(hexToBytes(tx.input))
            ) AS call,
            concat(rlpQuantity(ifNull(tx.r, '')), rlpQuantity(ifNull(tx.s, ''))) AS signature
        FROM staged_blocks
        ARRAY JOIN transactions AS tx, arrayEnumerate(transactions) AS position
    ),
    bodies AS (
        SELECT
            *,
            multiIf(
                kind = 0, concat(rlpQuantity(tx.nonce), rlpQuantity(ifNull(tx.gasPrice, '')), call),
                concat(
                    rlpQuantity(ifNull(tx.chainId, '')),
                    rlpQuantity(tx.nonce),
                    if(kind = 1, rlpQuantity(ifNull(tx.gasPrice, '')), ''),
                    if(kind > 1, rlpQuantity(ifNull(tx.maxPriorityFeePerGas, '')), ''),
                    if(kind > 1, rlpQuantity(ifNull(tx.maxFeePerGas, '')), ''),
                    call,
                    rlpList(access_list),
                    if(kind = 3, rlpQuantity(ifNull(tx.maxFeePerBlobGas, '')), ''),
                    if(kind = 3, rlpList(arrayStringConcat(arrayMap(
                        blob -> rlpString(hexToBytes(blob)), tx.blobVersionedHashes
                    ))), ''),
                    if(kind = 4, rlpList(arrayStringConcat(arrayMap(
                        a -> rlpList(concat(
                            rlpQuantity(a.chainId), rlpString(hexToBytes(a.address)), rlpQuantity(a.nonce),
                            rlpQuantity(ifNull(coalesce(a.yParity, a.v), '')), rlpQuantity(a.r), rlpQuantity(a.s)
                        )),
                        tx.authorizationList
                    ))), '')
                )
            ) AS body
        FROM flat
    )
SELECT
    block_number,
    transaction_index,
    kind,
    hexToWord(tx.hash) AS transaction_hash,
    hexToAddress(tx.from) AS sender,
    multiIf(
        kind > 4, '',
        kind = 0, rlpList(concat(body, rlpQuantity(ifNull(tx.v, '')), signature)),
        concat(char(kind), rlpList(concat(body, rlpQuantity(ifNull(coalesce(tx.yParity, tx.v), '')), signature)))
    ) AS envelope,
    multiIf(
        kind > 4, '',
        kind > 0, concat(char(kind), rlpList(body)),
        v < 35, rlpList(body),
        rlpList(concat(body, rlpString(reverse(reinterpretAsString(intDiv(v - 35, 2)))), unhex('8080')))
    ) AS signed,
    concat(
        leftPad(trimLeft(unhex(substring(ifNull(tx.r, ''), 3)), unhex('00')), 32, char(0)),
        leftPad(trimLeft(unhex(substring(ifNull(tx.s, ''), 3)), unhex('00')), 32, char(0)),
        char(multiIf(
            kind > 0, hexToUInt64(coalesce(tx.yParity, tx.v, '0x0')), v < 35, toUInt64(v - 27), toUInt64((v - 35) % 2)
        ))
    ) AS signature_bytes,
    -- A creation's address is Keccak(rlp(sender, nonce)); the caller hashes it.
    if(isNull(tx.to), rlpList(concat(rlpString(hexToBytes(tx.from)), rlpQuantity(tx.nonce))), '') AS creation
FROM bodies
ORDER BY block_number, transaction_index
