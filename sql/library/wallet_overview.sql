-- What an address has done, at a glance.
--
-- question: Since when is this address active, how much native coin went in and out, what did it pay for gas, how
--   many transactions failed, with how many others and in how many tokens did it deal?
-- tags: wallet
-- param address: Whose doings.
-- column first_seen: Time of its first transfer, fees included
-- column last_seen: Time of its last transfer
-- column transactions: Transactions it signed
-- column failed_transactions: Those of them that failed
-- column received [coins]: Native coin received, fees and tips apart; what it sends to itself is received, too
-- column sent [coins]: Native coin sent, fees apart
-- column fees [coins]: Native coin paid for gas
-- column received_amount [smallest units]: The same as `received`, exact
-- column sent_amount [smallest units]: The same as `sent`, exact
-- column fees_amount [smallest units]: The same as `fees`, exact
-- column counterparties: Other addresses on the other side of its transfers, fees apart
-- column tokens: Token contracts in its transfers
-- column token_transfers: Its transfers of tokens
-- column contracts_created: Contracts it created, by transactions or from within
-- example: chainsight query run wallet_overview --param address=0x1f7dfbe993e511b2a1627d3a17c4fd1c28b7870c
WITH moves AS
(
    SELECT
        kind, block_timestamp, token_address, amount,
        from_address = unhex(substring({address:String}, 3)) AS gives,
        to_address = unhex(substring({address:String}, 3)) AS takes,
        if(gives, to_address, from_address) AS other,
        kind IN ('native', 'internal', 'withdrawal') AS is_native
    FROM transfers
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND (from_address = unhex(substring({address:String}, 3)) OR to_address = unhex(substring({address:String}, 3)))
)
SELECT
    if(count() = 0, NULL, min(block_timestamp)) AS first_seen,
    if(count() = 0, NULL, max(block_timestamp)) AS last_seen,
    (
        SELECT count() FROM transactions
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
            AND from_address = unhex(substring({address:String}, 3))
    ) AS transactions,
    (
        SELECT count() FROM transactions
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
            AND from_address = unhex(substring({address:String}, 3)) AND success = 0
    ) AS failed_transactions,
    toFloat64(received_amount) / 1e18 AS received,
    toFloat64(sent_amount) / 1e18 AS sent,
    toFloat64(fees_amount) / 1e18 AS fees,
    sumIf(amount, is_native AND takes) AS received_amount,
    sumIf(amount, is_native AND gives) AS sent_amount,
    sumIf(amount, kind = 'fee' AND gives) AS fees_amount,
    uniqExactIf(other, kind != 'fee' AND NOT (gives AND takes) AND other != unhex(repeat('00', 20))) AS counterparties,
    uniqExactIf(token_address, kind IN ('erc20', 'erc721', 'erc1155', 'wrap')) AS tokens,
    countIf(kind IN ('erc20', 'erc721', 'erc1155', 'wrap')) AS token_transfers,
    (
        SELECT count() FROM traces
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
            AND trace_type = 'create' AND reverted = 0 AND from_address = unhex(substring({address:String}, 3))
    ) AS contracts_created
FROM moves
