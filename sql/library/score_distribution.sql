-- How the scores are spread.
--
-- question: How many addresses have a score in each tenth of the scale, by grade? A publication that grades everybody
--   High helps nobody.
-- tags: risk, scores
-- column score_from [0 to 100]: Lower end of the tenth
-- column grade: Low, Medium, High or Severe
-- column addresses: Addresses with such a score
-- column share: Part of all scored addresses, 0 to 1
-- column services: Exchanges, bridges, contracts of tokens … among them
-- chart: score_from, addresses, grade
-- example: chainsight query run score_distribution
SELECT
    least(intDiv(toUInt32(floor(score)), 10) * 10, 90) AS score_from,
    CAST(grade AS String) AS grade,
    count() AS addresses,
    addresses / sum(addresses) OVER () AS share,
    sum(is_service) AS services
FROM scores
WHERE chain_id = {chain_id:UInt64}
GROUP BY score_from, grade
ORDER BY score_from, grade
