-- Addresses of which sources say different things.
--
-- question: Where do labels that hold now put one address into different categories, one of them illicit or licit?
--   Such addresses need a person's look; `chainsight labels conflicts` ranks contradictions by their gravity.
-- tags: labels
-- column wallet: Address
-- column categories: What it is said to be
-- column sources: By whom
-- column labels: In their words
-- column most_confident: Highest confidence among them, 0 to 1
-- example: chainsight query run label_conflicts
SELECT
    if(length(address) = 20, concat('0x', lower(hex(address))), address) AS wallet,
    arraySort(groupUniqArray(CAST(category AS String))) AS categories,
    arraySort(groupUniqArray(CAST(source AS String))) AS sources,
    arraySort(groupUniqArray(label)) AS labels,
    round(toFloat64(max(confidence)), 4) AS most_confident
FROM labels
WHERE known_to > now64(3) AND valid_to > now()
GROUP BY address
HAVING length(categories) > 1
    AND arrayExists(category -> category IN (
        'licit', 'victim', 'sanctioned', 'phishing', 'scam', 'hack', 'ransomware', 'extortion', 'laundering', 'child_abuse', 'darknet',
        'ponzi', 'terrorism', 'blacklisted', 'abuse', 'mixer'
    ), categories)
ORDER BY most_confident DESC, wallet
LIMIT {most:UInt64}
