-- A deposit address and the exchange wallet that empties it: the exchange holds both keys.
--
-- grain: deposit address
SELECT
    if(address < hot_wallet, address, hot_wallet) AS left_address,
    if(address < hot_wallet, hot_wallet, address) AS right_address,
    toFixedString('', 20) AS via_address,
    share AS strength,
    concat(
        '0x', lower(hex(address)), ' handed ', toString(round(100 * share, 1)), ' % of what it got to the exchange wallet 0x',
        lower(hex(hot_wallet)), ', soon each time, and nothing to anybody else.'
    ) AS sentence,
    evidence
FROM deposit_addresses
WHERE address != hot_wallet
