-- What labels say now of Bitcoin addresses: the name of a service, found clean, illicit.
SELECT
    address,
    maxIf(lower(trim(BOTH ' ' FROM splitByChar(':', label)[1])), has({services:Array(String)}, CAST(category AS String))) AS owner,
    toInt64(countIf(category = 'licit') > 0) + 2 * toInt64(countIf(has({illicit:Array(String)}, CAST(category AS String))) > 0) AS conduct
FROM labels
WHERE chain = 'bitcoin' AND known_to > now64(3) AND valid_to > now() AND confidence >= {min_confidence:Float64}
GROUP BY address
ORDER BY address
