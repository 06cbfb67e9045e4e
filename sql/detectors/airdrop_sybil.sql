-- Wallets funded by one, that make the same call and then send the proceeds to one: sybils of an airdrop.
--
-- method: Hop protocol (2022), sybil attacker reports; Liu and Zhu (2022), Fighting sybils in airdrops
-- grain: address and role
WITH
    -- Who funded throw-away wallets in between funded the wallet (settled); what a contract spreads comes from the signer.
    funded AS
    (
        SELECT
            f.wallet AS wallet, if(s.from_address IN (SELECT address FROM infrastructure), f.funder, s.from_address) AS funder,
            f.transaction_hash AS funding
        FROM settled AS s
        INNER JOIN first_funding AS f
            ON f.wallet = s.to_address AND f.block_number = s.block_number AND f.transaction_index = s.transaction_index AND f.position = s.position
        WHERE s.token_address = unhex(repeat('00', 20)) AND f.since_block = f.block_number
            AND funder NOT IN (SELECT address FROM infrastructure) AND funder != wallet
    ),
    called AS
    (
        SELECT
            from_address AS wallet, assumeNotNull(to_address) AS contract, method_id, min(block_number) AS called_block,
            min(transaction_hash) AS calling
        FROM transactions
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND success != 0 AND to_address IS NOT NULL
            AND length(method_id) = 4
            AND from_address IN (SELECT wallet FROM funded)
        GROUP BY wallet, contract, method_id
    ),
    -- A token that the wallet handed on as it got it, in full.
    handed_on AS
    (
        SELECT
            from_address AS wallet, to_address AS collector, token_address, min(asset) AS asset, sum(units) AS units,
            max(block_number) AS handed_block, min(transaction_hash) AS handing
        FROM settled
        WHERE token_address != unhex(repeat('00', 20))
            AND to_address NOT IN (SELECT address FROM infrastructure) AND from_address IN (SELECT wallet FROM funded)
        GROUP BY wallet, collector, token_address
    ),
    groups AS
    (
        SELECT
            funder, contract, method_id, collector, handed_on.token_address AS token_address, min(asset) AS asset,
            groupUniqArray(funded.wallet) AS wallets, sum(units) AS total,
            arraySlice(arrayDistinct(arrayConcat(groupArray(10)(funding), groupArray(10)(calling), groupArray(10)(handing))), 1, 30) AS evidence
        FROM funded
        INNER JOIN called ON called.wallet = funded.wallet
        INNER JOIN handed_on ON handed_on.wallet = funded.wallet
        WHERE handed_block >= called_block AND collector != funded.wallet
            -- The call that moved the tokens is not the claim.
            AND contract != handed_on.token_address
        GROUP BY funder, contract, method_id, collector, token_address
        HAVING length(wallets) >= {min_wallets:UInt64}
        ORDER BY length(wallets) DESC
        LIMIT 1 BY funder, collector
    )
SELECT
    part.1 AS address,
    part.2 AS role,
    1 - 1 / length(wallets) AS strength,
    concat(
        '0x', lower(hex(funder)), ' funded ', toString(length(wallets)), ' wallets that all called 0x', lower(hex(method_id)), ' of 0x',
        lower(hex(contract)), ' and sent ', toString(round(total, 4)), ' ', asset, ' to 0x', lower(hex(collector)), '.'
    ) AS sentence,
    evidence
FROM groups
ARRAY JOIN arrayConcat([(funder, 'actor')], [(collector, 'collector')], arrayMap(a -> (a, 'sybil'), wallets)) AS part
