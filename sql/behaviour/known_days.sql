-- On which days segments were looked for, and on which of them the centres were fitted anew.
SELECT day, max(fit_day = day) AS is_fit, sum(address_count) AS addresses, max(as_of_block) AS as_of_block
FROM behaviour_segments
WHERE chain_id = {chain_id:UInt64} AND window_days = {window_days:UInt16}
GROUP BY day
ORDER BY day
