-- Addresses that lists know and no account set judged: 1 where a list says illicit, 0 where it says what service they are.
--
-- grain: address
--
-- Of the address labels of the chains {chains}; {judged} are sources that judge accounts one by one, whose addresses are left out.
WITH listed AS
(
    SELECT
        lower(hex(address)) AS digits,
        max(category IN splitByChar(',', {illicit:String})) AS is_illicit,
        countIf(has({judged:Array(String)}, splitByChar(':', toString(source))[1])) AS judgements
    FROM labels
    WHERE length(address) = 20 AND has({chains:Array(String)}, toString(chain)) AND known_to > now64(3, 'UTC')
    GROUP BY address
)
SELECT digits AS address, is_illicit AS label
FROM listed
WHERE judgements = 0
ORDER BY digits
