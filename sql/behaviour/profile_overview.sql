-- Since when an address is known, how often it did what, and what it paid for gas, up to a block.
SELECT
    min(block_timestamp) AS first_seen,
    max(block_timestamp) AS last_seen,
    countIf(kind != 'fee') AS transfers,
    uniqExactIf((block_number, transaction_index), kind = 'fee' AND direction = 'out') AS transactions_signed,
    uniqExactIf(counterparty_address, kind != 'fee' AND counterparty_address != toFixedString('', 20)) AS counterparties,
    uniqExactIf(token_address, token_address != toFixedString('', 20)) AS tokens,
    uniqExactIf(toDate(block_timestamp), kind != 'fee') AS active_days,
    toString(sumIf(amount, kind = 'fee' AND direction = 'out')) AS fee_amount
FROM address_transfers
WHERE chain_id = {chain_id:UInt64} AND address = unhex({address:String}) AND block_number <= {to_block:UInt64}
