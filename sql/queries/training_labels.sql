-- Accounts that a source has judged, as 1 illicit or 0 licit; where sources disagree, highest and lowest judgement differ.
--
-- Only sources that name both kinds are taken when there is one: a list of thieves beside somebody else's list of honest
-- people differs in how the accounts were found, and a model would learn that instead. The part before a colon is the source.
WITH judged AS
(
    SELECT
        address,
        splitByChar(':', toString(source))[1] AS family,
        category IN splitByChar(',', {illicit:String}) AS is_illicit
    FROM labels
    WHERE length(address) = 20 AND has({chains:Array(String)}, toString(chain))
        AND known_to > now64(3, 'UTC') AND (category = 'licit' OR category IN splitByChar(',', {illicit:String}))
),
families AS
(
    SELECT family FROM judged GROUP BY family HAVING min(is_illicit) = 0 AND max(is_illicit) = 1
)
SELECT lower(hex(address)) AS address, max(is_illicit) AS label, min(is_illicit) AS lowest_label
FROM judged
WHERE family IN (SELECT family FROM families) OR (SELECT count() FROM families) = 0
GROUP BY address
ORDER BY address
