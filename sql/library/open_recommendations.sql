-- What should be done now, most urgent first.
--
-- question: Which recommendations of the newest publication still hold, about whom, and why?
-- tags: risk, recommendations
-- param action: Only this action: freeze_and_report, block, enhanced_due_diligence, review or monitor; empty for all.
--   [default ]
-- column position: Place in the publication
-- column priority: 1 is the most urgent
-- column action: What to do
-- column wallet: About whom
-- column role: subject or counterparty
-- column score [0 to 100]: Risk; higher is riskier
-- column grade: Low, Medium, High or Severe
-- column reasons: Why, the weightiest first
-- column valid_until: Until when it holds
-- chart: wallet, score, action
-- example: chainsight query run open_recommendations --param action=freeze_and_report
SELECT
    position,
    priority,
    CAST(action AS String) AS action,
    concat('0x', lower(hex(address))) AS wallet,
    CAST(role AS String) AS role,
    round(recommendations.score, 1) AS score,
    CAST(grade AS String) AS grade,
    reasons,
    valid_until
FROM recommendations
WHERE chain_id = {chain_id:UInt64}
    AND valid_until > now()
    AND ({action:String} = '' OR action = {action:String})
ORDER BY position
LIMIT {most:UInt64}
