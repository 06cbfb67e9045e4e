-- ERC-721 transfers: the same event as ERC-20 with the token id indexed too, or with nothing indexed.
--
-- builds: transfers
-- grain: chain_id, log
-- scope: commit
--
-- Some early collections (CryptoKitties among them) index nothing and put giver, receiver and token id into the data. Early
-- ERC-20 tokens of that form look the same; where `tokens` does not say that the contract is one, it counts as a collection,
-- which is by far the more frequent, and says so in `doubt`.
INSERT INTO transfers (
    chain_id, block_number, block_hash, block_timestamp, transaction_index, transaction_hash, kind, position,
    batch_index, from_address, to_address, token_address, token_id, amount, doubt, version, is_deleted
)
WITH
    length(topics) = 1 AS unindexed,
    unhex(repeat('00', 12)) AS clean
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
    if(unindexed, substring(data, 13, 20), substring(topics[2], 13)),
    if(unindexed, substring(data, 45, 20), substring(topics[3], 13)),
    address,
    reinterpretAsUInt256(reverse(if(unindexed, substring(data, 65, 32), substring(topics[4], 1, 32)))),
    1,
    if(unindexed, 'unindexed_form', ''),
    {version:UInt64},
    unindexed AND address IN (
        SELECT token_address
        FROM tokens
        WHERE chain_id = {chain_id:UInt64} AND (standard = 'erc20' OR (standard IN ('', 'unknown') AND decimals > 0))
    )
FROM logs
WHERE chain_id = {chain_id:UInt64}
    AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    AND topics[1] = unhex('ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef')
    AND (
        (length(topics) = 4 AND empty(data) AND startsWith(topics[2], clean) AND startsWith(topics[3], clean))
        OR (
            length(topics) = 1 AND length(data) = 96
            AND startsWith(data, clean) AND startsWith(substring(data, 33, 12), clean)
        )
    )
