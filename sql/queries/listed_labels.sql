-- Accounts that any source has judged, as 1 illicit or 0 licit, whatever else the source names; where sources disagree, highest
-- and lowest judgement differ. For learning from lists where hardly anybody is known to be licit: then how the illicit were found
-- is not compared with how the licit were.
WITH judged AS
(
    SELECT address, category IN splitByChar(',', {illicit:String}) AS is_illicit
    FROM labels
    WHERE length(address) = 20 AND has({chains:Array(String)}, toString(chain))
        AND known_to > now64(3, 'UTC') AND (category = 'licit' OR category IN splitByChar(',', {illicit:String}))
)
SELECT lower(hex(address)) AS address, max(is_illicit) AS label, min(is_illicit) AS lowest_label
FROM judged
GROUP BY address
ORDER BY address
