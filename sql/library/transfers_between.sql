-- Everything that moved between two addresses.
--
-- question: What did these two give each other, in both directions, when and in which transaction?
-- tags: wallet, transfers
-- param address: One address.
-- param other_address: The other one.
-- column block_timestamp: When
-- column direction: sent: by the first; received: by the first
-- column kind: native, internal, erc20 …
-- column token: Token contract; zeros for the native coin
-- column amount [smallest units]: How much; 1 for ERC-721
-- column token_id: ERC-721 or ERC-1155 id, else 0
-- column transaction_hash: Transaction
-- column block_number: Height
-- chart: block_timestamp, amount, direction
-- example: chainsight query run transfers_between --param address=0x93d8ab708cae43a30bedcf892a0c387bdf8a0af5 --param other_address=0x57bfc1fcbbc4f8fba70f3b1ee4c59e34e22a3994
SELECT
    block_timestamp,
    if(from_address = unhex(substring({address:String}, 3)), 'sent', 'received') AS direction,
    CAST(kind AS String) AS kind,
    concat('0x', lower(hex(token_address))) AS token,
    amount,
    token_id,
    concat('0x', lower(hex(transaction_hash))) AS transaction_hash,
    block_number
FROM transfers
WHERE chain_id = {chain_id:UInt64}
    AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    AND kind != 'fee'
    AND (
        (from_address = unhex(substring({address:String}, 3)) AND to_address = unhex(substring({other_address:String}, 3)))
        OR (from_address = unhex(substring({other_address:String}, 3)) AND to_address = unhex(substring({address:String}, 3)))
    )
ORDER BY block_number, transaction_index, kind, position, batch_index
LIMIT {most:UInt64}
