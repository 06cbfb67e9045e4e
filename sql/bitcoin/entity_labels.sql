-- What labels say of Bitcoin addresses at the time of the as-of block, as the store knows them now: the name of a service, found
-- clean, illicit.
SELECT
    address,
    max((if(has({services:Array(String)}, word), lower(trim(BOTH ' ' FROM splitByChar(':', label)[1])), ''), word)) AS named,
    named.1 AS owner,
    if(named.1 = '', '', named.2) AS category,
    toInt64(countIf(word = 'licit') > 0) + 2 * toInt64(countIf(has({illicit:Array(String)}, word)) > 0) AS conduct
FROM
(
    SELECT address, label, CAST(category AS String) AS word
    FROM labels
    WHERE chain = 'bitcoin' AND confidence >= {min_confidence:Float64}
        AND known_from <= toDateTime64({known_at:String}, 3, 'UTC') AND toDateTime64({known_at:String}, 3, 'UTC') < known_to
        AND valid_from <= toDateTime64({as_of_time:String}, 3, 'UTC') AND toDateTime64({as_of_time:String}, 3, 'UTC') < valid_to
)
GROUP BY address
ORDER BY address
