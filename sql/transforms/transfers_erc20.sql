-- ERC-20 transfers: Transfer(address,address,uint256) with two indexed addresses and one word of data.
--
-- builds: transfers
-- grain: chain_id, log
-- scope: commit
--
-- Old tokens index nothing, and so do old collections: that form is an ERC-20 transfer where `tokens` says that the contract
-- is one, else transfers_erc721 has it. Both write a row or its withdrawal, so that learning of a token mends what was said.
-- A contract that says it is a collection (ERC-721) and leaves the third topic away gives ids as if they were amounts: in doubt.
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
    'erc20',
    log_index,
    0,
    if(unindexed, substring(data, 13, 20), substring(topics[2], 13)),
    if(unindexed, substring(data, 45, 20), substring(topics[3], 13)),
    address,
    0,
    reinterpretAsUInt256(reverse(substring(data, -32))),
    multiIf(
        unindexed, 'unindexed_form',
        address IN (SELECT token_address FROM tokens WHERE chain_id = {chain_id:UInt64} AND standard = 'erc721'), 'collection_with_amount',
        ''
    ),
    {version:UInt64},
    unindexed AND address NOT IN (
        SELECT token_address
        FROM tokens
        WHERE chain_id = {chain_id:UInt64} AND (standard = 'erc20' OR (standard IN ('', 'unknown') AND decimals > 0))
    )
FROM logs
WHERE chain_id = {chain_id:UInt64}
    AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    AND topics[1] = unhex('ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef')
    AND (
        (length(topics) = 3 AND length(data) = 32 AND startsWith(topics[2], clean) AND startsWith(topics[3], clean))
        OR (
            length(topics) = 1 AND length(data) = 96
            AND startsWith(data, clean) AND startsWith(substring(data, 33, 12), clean)
        )
    )
