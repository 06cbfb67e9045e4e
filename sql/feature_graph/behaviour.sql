-- The part of each address's own features that its neighbours are told about, by dense number.
SELECT
    toInt64(numbered.address_id) AS id, toInt64(activity.as_of_block) AS as_of_block,
    in_count, out_count, in_counterparties, out_counterparties, lifetime, gap_median, out_share, in_empty_share,
    burstiness, turn_share, first_is_out, moves_per_day, in_amount_median, out_amount_median, in_amount_max,
    out_amount_max, kept_share, delay_median, within_hour_share, in_round_share, out_round_share, balance_max,
    out_call_share, out_selectors, in_call_share
FROM (SELECT * FROM address_features WHERE chain_id = {chain_id:UInt64}) AS activity
INNER JOIN (SELECT * FROM address_amount_features WHERE chain_id = {chain_id:UInt64}) AS amounts USING (address)
INNER JOIN (SELECT * FROM address_call_features WHERE chain_id = {chain_id:UInt64}) AS calls USING (address)
INNER JOIN (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}) AS numbered USING (address)
