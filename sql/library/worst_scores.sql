-- The addresses with the highest risk, and why.
--
-- question: Which addresses does the newest publication grade worst, and what are the reasons?
-- tags: risk, scores
-- param least: Only scores from here on, 0 to 100. [default 0]
-- param most: At most so many addresses. [default 20]
-- column wallet: Address
-- column score [0 to 100]: Risk; higher is riskier
-- column grade: Low, Medium, High or Severe
-- column reasons: Why, the weightiest first
-- column category: Weightiest category a list or label gives it; empty without any
-- column as_of_block: Block up to which this is known
-- chart: wallet, score
-- example: chainsight query run worst_scores --param most=10
SELECT
    concat('0x', lower(hex(address))) AS wallet,
    round(score, 1) AS score,
    CAST(grade AS String) AS grade,
    reasons,
    CAST(category AS String) AS category,
    as_of_block
FROM scores
WHERE chain_id = {chain_id:UInt64} AND scores.score >= {least:Float64}
ORDER BY scores.score DESC, wallet
LIMIT {most:UInt64}
