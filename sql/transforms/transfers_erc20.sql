-- ERC-20 transfers: Transfer(address,address,uint256) with two indexed addresses and one word of data.
--
-- builds: transfers
-- grain: chain_id, log
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
    'erc20',
    log_index,
    0,
    substring(topics[2], 13),
    substring(topics[3], 13),
    address,
    0,
    reinterpretAsUInt256(reverse(data)),
    {version:UInt64}
FROM logs
WHERE chain_id = {chain_id:UInt64}
    AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    AND topics[1] = unhex('ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef')
    AND length(topics) = 3
    AND length(data) = 32
