-- How much of each stablecoin was created and destroyed, by day: from and to the zero address, or as Tether's own events say.
--
-- builds: stablecoin_daily_supply
-- grain: chain_id, day, token
-- scope: day
--
-- Tether (USDT on Ethereum) moves nothing when it issues or redeems: it emits Issue(uint256), Redeem(uint256) and, when it
-- destroys what a frozen account held, DestroyedBlackFunds(address,uint256). A burn is a transfer to the zero address; coins
-- sent to an address nobody has the key of stay in the supply. Newer Tether contracts emit these events beside a Transfer from or
-- to the zero address of the same amount: what a transaction says twice counts once. Which tokens are stablecoins stands in
-- chainsight/chains.toml.
INSERT INTO stablecoin_daily_supply
    (chain_id, day, token_address, mint_count, mint_amount, burn_count, burn_amount, net_amount, as_of_block, version, is_deleted)
WITH
    (
        SELECT toDate(max(to_block_timestamp), 'UTC')
        FROM ingest_audit
        WHERE chain_id = {chain_id:UInt64} AND to_block < {from_block:UInt64}
    ) AS first_day,
    unhex('cb8241adb0c3fdb35b70c24ce35c5eb0c17af7431c99f827d44a445ca624176a') AS issue,
    unhex('702d5967f45f6513a38ffc42d6ba9bf230bd40e8f53b16363c7eb4fd2deb9a44') AS redeem,
    unhex('61e6e66b0d6339b2980aecc6ccc0039736791f0ccde9ed512e789a7fbdd698c6') AS destroyed,
    listed AS (SELECT toFixedString(unhex(substring(arrayJoin({stablecoins:Array(String)}), 3)), 20) AS token),
    moved AS (
        SELECT
            toDate(block_timestamp, 'UTC') AS day, token_address, amount, block_number, transaction_index,
            from_address = toFixedString('', 20) AS is_mint
        FROM transfers
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND toDate(block_timestamp, 'UTC') >= first_day
            AND kind = 'erc20' AND amount > 0 AND NOT amount_overflow
            AND (from_address = toFixedString('', 20)) != (to_address = toFixedString('', 20))
            AND token_address IN (SELECT token FROM listed)
    ),
    changes AS (
        SELECT day, token_address, amount, block_number, is_mint
        FROM moved
        UNION ALL
        SELECT
            toDate(block_timestamp, 'UTC'), address, reinterpretAsUInt256(reverse(substring(data, -32))) AS stated, block_number,
            topics[1] = issue
        FROM logs
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND toDate(block_timestamp, 'UTC') >= first_day
            AND address IN (SELECT token FROM listed)
            AND topics[1] IN (issue, redeem, destroyed)
            AND length(topics) = 1 AND length(data) = if(topics[1] = destroyed, 64, 32)
            AND stated > 0 AND stated < bitShiftLeft(toUInt256(1), 224)
            AND (block_number, transaction_index, address, stated, topics[1] = issue) NOT IN (
                SELECT block_number, transaction_index, token_address, amount, is_mint FROM moved
            )
        UNION ALL
        -- What stands there, with nothing in it: a day to which nothing is added any more is withdrawn.
        SELECT day, token_address, toUInt256(0), 0, 0
        FROM stablecoin_daily_supply
        WHERE chain_id = {chain_id:UInt64} AND day >= first_day
    )
SELECT
    {chain_id:UInt64} AS of_chain,
    day,
    token_address,
    countIf(is_mint AND amount > 0) AS mint_count,
    sumIf(amount, is_mint) AS mint_amount,
    countIf(NOT is_mint AND amount > 0) AS burn_count,
    sumIf(amount, NOT is_mint) AS burn_amount,
    toInt256(mint_amount) - toInt256(burn_amount) AS net_amount,
    max(block_number) AS as_of_block,
    {version:UInt64},
    mint_count + burn_count = 0 AS is_gone
FROM changes
GROUP BY day, token_address
