-- What the staged blocks hold and what the tables hold of them, just before they are committed.
SELECT
    (SELECT (count(), sum(length(transactions.hash))) FROM staged_blocks) AS staged,
    (SELECT sum(arraySum(logs -> length(logs), receipts.logs.logIndex)) FROM staged_receipts) AS staged_logs,
    (SELECT sum(length(traces.type)) FROM staged_traces) AS staged_calls,
    (SELECT countIf(is_deleted = 0) FROM staged_transfers) AS transfers_staged,
    toUInt64(staged.1) AS blocks_staged,
    toUInt64(staged.2) AS transactions_staged,
    toUInt64(staged_logs) AS logs_staged,
    toUInt64(staged_calls) AS traces_staged,
    (
        SELECT count() FROM blocks
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    ) AS blocks_held,
    (
        SELECT count() FROM transactions
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    ) AS transactions_held,
    (
        SELECT count() FROM logs
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    ) AS logs_held,
    (
        SELECT count() FROM traces
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    ) AS traces_held,
    (
        SELECT count() FROM transfers
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    ) AS transfers_held
