-- Say of every token that moved of which class it is, and whether and why it looks like spam.
--
-- builds: token_marks
-- grain: chain_id, token
-- scope: history
--
-- Nothing here reads past the as-of block, nor before the first block of the days: graph/snapshots.py runs the same statement over
-- days that were cut at both ends.
-- What stands for a dollar or wraps the coin is never spam, whatever its name. Tokens that hardly anybody gives on are
-- ordinary where their holders signed for them (claims, receipts of deposits), so it is asked who signed.
INSERT INTO token_marks (
    chain_id, token_address, token_class, decimals, receiver_count, giver_count, unasked_share, is_spam, spam_reasons,
    as_of_block, version, is_deleted
)
WITH
    moved AS (
        SELECT
            token_address,
            -- Nobody asks how many the coin itself has: an exact count of all addresses would be most of the work.
            uniqExactIf(to_address, mark = '' AND to_address != toFixedString('', 20) AND token_address != toFixedString('', 20)) AS receivers,
            uniqExactIf(from_address, mark = '' AND token_address != toFixedString('', 20)) AS givers,
            max(kind IN ('erc721', 'erc1155')) AS is_collectible
        FROM address_daily_edges
        WHERE chain_id = {chain_id:UInt64}
        GROUP BY token_address
    ),
    handed AS (
        SELECT block_number, transaction_index, token_address, to_address
        FROM transfers
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND kind IN ('erc20', 'erc721', 'erc1155')
            AND block_number >= (SELECT min(first_block) FROM address_daily_edges WHERE chain_id = {chain_id:UInt64})
            AND token_address IN (SELECT token_address FROM moved WHERE receivers >= 50 AND givers <= 3)
    ),
    asked AS (
        SELECT handed.token_address AS token, avg(signer != handed.to_address) AS unasked
        FROM handed
        INNER JOIN (
            SELECT block_number, transaction_index, from_address AS signer
            FROM transactions
            WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64}
                AND (block_number, transaction_index) IN (SELECT block_number, transaction_index FROM handed)
        ) AS signers USING (block_number, transaction_index)
        GROUP BY token
    ),
    described AS (
        SELECT token_address, decimals AS places, imitates, flags
        FROM tokens
        WHERE chain_id = {chain_id:UInt64} AND tokens.as_of_block <= {to_block:UInt64}
    ),
    current AS (
        SELECT
            moved.token_address AS token,
            multiIf(
                moved.token_address = toFixedString('', 20), 'native',
                has({wrapped_natives:Array(String)}, concat('0x', lower(hex(moved.token_address)))), 'wrapped',
                has({stablecoins:Array(String)}, concat('0x', lower(hex(moved.token_address)))), 'stable',
                is_collectible, 'collectible',
                'fungible'
            ) AS class,
            places, receivers, givers,
            if(asked.token = moved.token_address AND class != 'native', asked.unasked, NULL) AS share,
            if(class IN ('native', 'wrapped', 'stable'), [], arrayFilter(reason -> reason != '', [
                if(imitates != '', 'imitates', ''),
                if(hasAny(flags, ['url', 'address_in_text']), 'advertises', ''),
                if(ifNull(share, 0) >= 0.8, 'dropped', '')
            ])) AS reasons
        FROM moved
        LEFT JOIN described ON described.token_address = moved.token_address
        LEFT JOIN asked ON asked.token = moved.token_address
    )
SELECT
    {chain_id:UInt64}, token, class, places, receivers, givers, share, notEmpty(reasons), reasons, {to_block:UInt64},
    {version:UInt64}, 0
FROM current
UNION ALL
SELECT
    {chain_id:UInt64}, token_address, token_class, NULL, 0, 0, NULL, 0, [], {to_block:UInt64}, {version:UInt64}, 1
FROM token_marks
WHERE chain_id = {chain_id:UInt64} AND token_address NOT IN (SELECT token FROM current)
