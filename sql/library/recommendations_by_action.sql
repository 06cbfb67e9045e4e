-- How much there is to do.
--
-- question: How many recommendations does the newest publication hold by action and grade, and how many of them have
--   run out?
-- tags: risk, recommendations
-- column action: What to do
-- column grade: Low, Medium, High or Severe
-- column recommendations: How many
-- column expired: Those that hold no more
-- column highest_score [0 to 100]: Highest risk among them
-- chart: action, recommendations, grade
-- example: chainsight query run recommendations_by_action
SELECT
    CAST(recommendations.action AS String) AS action,
    CAST(recommendations.grade AS String) AS grade,
    count() AS recommendations,
    countIf(valid_until <= now()) AS expired,
    round(max(score), 1) AS highest_score
FROM recommendations
WHERE chain_id = {chain_id:UInt64}
GROUP BY action, grade
ORDER BY min(priority), action, grade
