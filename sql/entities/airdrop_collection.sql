-- Wallets that took part in one airdrop and all handed what they got, in full, to one collector: one owner's many wallets.
--
-- method: Victor (2020), Address clustering heuristics for Ethereum, airdrop multi-participation
-- grain: wallet and collector
--
-- An airdrop here is a token that one contract handed to wallets. Money that exchanges pay out is no airdrop.
WITH
    got AS
    (
        SELECT
            to_address AS wallet, token_address, min(from_address) AS giver, sum(units) AS total,
            uniqExact(from_address) AS giver_count, groupArray(2)(transaction_hash) AS claims
        FROM moves
        WHERE token_address != unhex(repeat('00', 20)) AND to_address NOT IN (SELECT address FROM entity_carriers)
        GROUP BY wallet, token_address
        HAVING giver_count = 1
            AND giver IN (SELECT address FROM infrastructure)
            AND giver NOT IN (
                SELECT address FROM known_parties
                WHERE category IN ('exchange', 'hot_wallet', 'deposit', 'dex', 'bridge', 'mixer', 'defi', 'wallet_app')
            )
    ),
    gave AS
    (
        SELECT
            from_address AS wallet, token_address, min(to_address) AS collector, sum(units) AS total, min(asset) AS asset,
            uniqExact(to_address) AS taker_count, groupArray(2)(transaction_hash) AS handing
        FROM moves
        WHERE token_address != unhex(repeat('00', 20)) AND from_address IN (SELECT wallet FROM got)
        GROUP BY wallet, token_address
        HAVING taker_count = 1
    ),
    handed AS
    (
        SELECT
            got.wallet AS wallet, got.giver AS giver, gave.collector AS collector, gave.token_address AS token_address, gave.asset AS asset,
            arrayConcat(got.claims, gave.handing) AS seen
        FROM got
        INNER JOIN gave ON gave.wallet = got.wallet AND gave.token_address = got.token_address
        WHERE gave.total >= {min_share:Float64} * got.total AND collector != wallet
            AND collector NOT IN (SELECT address FROM entity_carriers)
    )
SELECT
    if(wallet < collector, wallet, collector) AS left_address,
    if(wallet < collector, collector, wallet) AS right_address,
    giver AS via_address,
    1 - 1 / together.wallet_count AS strength,
    concat(
        '0x', lower(hex(wallet)), ' is one of ', toString(together.wallet_count), ' wallets that got ', asset, ' of the airdrop 0x',
        lower(hex(giver)), ' and handed all of it to 0x', lower(hex(collector)), '.'
    ) AS sentence,
    seen AS evidence
FROM handed
INNER JOIN
(
    SELECT giver, collector, token_address, uniqExact(wallet) AS wallet_count
    FROM handed
    GROUP BY giver, collector, token_address
    HAVING wallet_count >= {min_wallets:UInt64}
) AS together USING (giver, collector, token_address)
