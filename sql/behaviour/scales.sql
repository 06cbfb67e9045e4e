-- Middle and spread of each trait as they were when the segments were fitted.
SELECT CAST(trait AS String) AS trait, middle, spread
FROM behaviour_scales
WHERE chain_id = {chain_id:UInt64} AND window_days = {window_days:UInt16} AND fit_day = {fit_day:Date}
ORDER BY place
