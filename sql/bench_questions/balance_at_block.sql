-- What an address held of each token at a block, by what it was given and gave.
SELECT token_address, sum(if(direction = 'in', toInt256(amount), -toInt256(amount))) AS balance
FROM address_transfers
WHERE chain_id = {chain_id:UInt64}
    AND address = unhex({address:String})
    AND block_number <= {block:UInt64}
    AND kind NOT IN ('erc721', 'erc1155')
    AND NOT amount_overflow
GROUP BY token_address
