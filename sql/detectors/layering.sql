-- Money passed through several wallets that do nothing else, one after the other: layering.
--
-- method: FATF (2020), red flag indicators, transaction patterns; Altman et al. (2023), stack and chain patterns
-- grain: address and role
--
-- A hop may get its sum in parts and send it in parts (see sql/workings/relays.sql). Every hop must pass it on within days, and
-- something must be left at the end: people who change wallets keep the money for a while.
WITH
    chains AS
    (
        SELECT origin, destination, token_address, what, hops, put_in, came_out, since, until, evidence
        FROM relay_paths
        WHERE length(hops) >= {min_hops:UInt64} AND until - since <= {hop_seconds:UInt64} * length(hops)
            AND came_out >= {min_left:Float64} * put_in
    ),
    -- The longest chain that a wallet is a hop of speaks for it.
    parts AS
    (
        SELECT
            arrayJoin(arrayMap((a, i) -> (a, if(i = 1 AND origin NOT IN (SELECT address FROM relays), 'actor', 'hop'), i), hops, arrayEnumerate(hops))) AS part,
            *
        FROM chains
    )
SELECT
    part.1 AS address,
    part.2 AS role,
    1 - 1 / length(hops) AS strength,
    concat(
        if(role = 'actor', 'Starts', 'Is hop ' || toString(part.3) || ' of'), ' a chain of ', toString(length(hops)), ' wallets that passed ',
        toString(round(put_in, 4)), ' ', what, ' from 0x', lower(hex(origin)), ' on to 0x', lower(hex(destination)), ' within ',
        toString(round((until - since) / 3600, 1)), ' hours and did nothing else with it.'
    ) AS sentence,
    arraySlice(evidence, 1, 30) AS evidence
FROM parts
