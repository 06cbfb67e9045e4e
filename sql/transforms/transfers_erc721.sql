-- ERC-721 transfers: the same event as ERC-20 with the token id indexed too, or with nothing indexed.
--
-- builds: transfers
-- grain: chain_id, log
--
-- Some early collections (CryptoKitties among them) index nothing and put giver, receiver and token id into the data.
-- An early ERC-20 of that form would look the same; collections are by far the more frequent, so it counts as one.
INSERT INTO transfers (
    chain_id, block_number, block_hash, block_timestamp, transaction_index, transaction_hash, kind, position,
    batch_index, from_address, to_address, token_address, token_id, amount, version
)
SELECT
    chain_id,
    block_number,
    block_hash,
    block_timestamp,
    transaction_index,
    transaction_hash,
    'erc721',
    log_index,
    0,
    if(length(topics) = 4, substring(topics[2], 13), substring(data, 13, 20)),
    if(length(topics) = 4, substring(topics[3], 13), substring(data, 45, 20)),
    address,
    reinterpretAsUInt256(reverse(if(length(topics) = 4, toString(topics[4]), substring(data, 65, 32)))),
    1,
    {version:UInt64}
FROM logs
WHERE chain_id = {chain_id:UInt64}
    AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    AND topics[1] = unhex('ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef')
    AND ((length(topics) = 4 AND length(data) = 0) OR (length(topics) = 1 AND length(data) = 96))
