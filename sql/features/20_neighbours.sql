-- What the givers and receivers of each address do, one hop; a hub counts through its 2,000 busiest pairs.
--
-- builds: address_neighbour_features
-- grain: address
INSERT INTO address_neighbour_features (chain_id, address, as_of_block, version,
    in_neighbours, in_neighbours_in_count_mean, in_neighbours_in_count_max, in_neighbours_out_count_mean,
    in_neighbours_out_count_max, in_neighbours_in_counterparties_mean, in_neighbours_in_counterparties_max,
    in_neighbours_out_counterparties_mean, in_neighbours_out_counterparties_max, in_neighbours_lifetime_mean,
    in_neighbours_lifetime_max, in_neighbours_gap_median_mean, in_neighbours_gap_median_max,
    in_neighbours_out_share_mean, in_neighbours_out_share_max, in_neighbours_in_empty_share_mean,
    in_neighbours_in_empty_share_max, in_neighbours_burstiness_mean, in_neighbours_burstiness_max,
    in_neighbours_turn_share_mean, in_neighbours_turn_share_max, in_neighbours_first_is_out_mean,
    in_neighbours_first_is_out_max, in_neighbours_moves_per_day_mean, in_neighbours_moves_per_day_max,
    in_neighbours_in_amount_median_mean, in_neighbours_in_amount_median_max, in_neighbours_out_amount_median_mean,
    in_neighbours_out_amount_median_max, in_neighbours_in_amount_max_mean, in_neighbours_in_amount_max_max,
    in_neighbours_out_amount_max_mean, in_neighbours_out_amount_max_max, in_neighbours_kept_share_mean,
    in_neighbours_kept_share_max, in_neighbours_delay_median_mean, in_neighbours_delay_median_max,
    in_neighbours_within_hour_share_mean, in_neighbours_within_hour_share_max, in_neighbours_in_round_share_mean,
    in_neighbours_in_round_share_max, in_neighbours_out_round_share_mean, in_neighbours_out_round_share_max,
    in_neighbours_balance_max_mean, in_neighbours_balance_max_max, in_neighbours_out_call_share_mean,
    in_neighbours_out_call_share_max, in_neighbours_out_selectors_mean, in_neighbours_out_selectors_max,
    in_neighbours_in_call_share_mean, in_neighbours_in_call_share_max, out_neighbours, out_neighbours_in_count_mean,
    out_neighbours_in_count_max, out_neighbours_out_count_mean, out_neighbours_out_count_max,
    out_neighbours_in_counterparties_mean, out_neighbours_in_counterparties_max,
    out_neighbours_out_counterparties_mean, out_neighbours_out_counterparties_max, out_neighbours_lifetime_mean,
    out_neighbours_lifetime_max, out_neighbours_gap_median_mean, out_neighbours_gap_median_max,
    out_neighbours_out_share_mean, out_neighbours_out_share_max, out_neighbours_in_empty_share_mean,
    out_neighbours_in_empty_share_max, out_neighbours_burstiness_mean, out_neighbours_burstiness_max,
    out_neighbours_turn_share_mean, out_neighbours_turn_share_max, out_neighbours_first_is_out_mean,
    out_neighbours_first_is_out_max, out_neighbours_moves_per_day_mean, out_neighbours_moves_per_day_max,
    out_neighbours_in_amount_median_mean, out_neighbours_in_amount_median_max, out_neighbours_out_amount_median_mean,
    out_neighbours_out_amount_median_max, out_neighbours_in_amount_max_mean, out_neighbours_in_amount_max_max,
    out_neighbours_out_amount_max_mean, out_neighbours_out_amount_max_max, out_neighbours_kept_share_mean,
    out_neighbours_kept_share_max, out_neighbours_delay_median_mean, out_neighbours_delay_median_max,
    out_neighbours_within_hour_share_mean, out_neighbours_within_hour_share_max, out_neighbours_in_round_share_mean,
    out_neighbours_in_round_share_max, out_neighbours_out_round_share_mean, out_neighbours_out_round_share_max,
    out_neighbours_balance_max_mean, out_neighbours_balance_max_max, out_neighbours_out_call_share_mean,
    out_neighbours_out_call_share_max, out_neighbours_out_selectors_mean, out_neighbours_out_selectors_max,
    out_neighbours_in_call_share_mean, out_neighbours_in_call_share_max)
WITH
    numbered AS (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}),
    edges AS
    (
        SELECT from_id AS id, to_id AS neighbour_id, 'out' AS side
        FROM address_edges
        WHERE chain_id = {chain_id:UInt64} AND first_block <= {to_block:UInt64} AND from_id != to_id
        ORDER BY transfer_count DESC, to_id
        LIMIT 2000 BY from_id
        UNION ALL
        SELECT to_id, from_id, 'in'
        FROM address_edges
        WHERE chain_id = {chain_id:UInt64} AND first_block <= {to_block:UInt64} AND from_id != to_id
        ORDER BY transfer_count DESC, from_id
        LIMIT 2000 BY to_id
    ),
    behaviour AS
    (
        SELECT
            numbered.address_id AS neighbour_id,
            in_count, out_count, in_counterparties, out_counterparties, lifetime, gap_median, out_share,
            in_empty_share, burstiness, turn_share, first_is_out, moves_per_day, in_amount_median,
            out_amount_median, in_amount_max, out_amount_max, kept_share, delay_median, within_hour_share,
            in_round_share, out_round_share, balance_max, out_call_share, out_selectors, in_call_share
        FROM address_features AS activity
        INNER JOIN address_amount_features AS amounts ON amounts.address = activity.address
            AND amounts.chain_id = activity.chain_id
        INNER JOIN address_call_features AS calls ON calls.address = activity.address
            AND calls.chain_id = activity.chain_id
        INNER JOIN numbered ON numbered.address = activity.address
        WHERE activity.chain_id = {chain_id:UInt64}
    )
SELECT
    {chain_id:UInt64}, address, {to_block:UInt64}, {version:UInt64},
    ifNull(countIf(side = 'in'), nan), ifNull(avgIf(in_count, side = 'in' AND isFinite(in_count)), nan),
    ifNull(maxOrNullIf(in_count, side = 'in' AND isFinite(in_count)), nan), ifNull(avgIf(out_count, side = 'in' AND isFinite(out_count)), nan),
    ifNull(maxOrNullIf(out_count, side = 'in' AND isFinite(out_count)), nan), ifNull(avgIf(in_counterparties, side = 'in' AND isFinite(in_counterparties)), nan),
    ifNull(maxOrNullIf(in_counterparties, side = 'in' AND isFinite(in_counterparties)), nan), ifNull(avgIf(out_counterparties, side = 'in' AND isFinite(out_counterparties)), nan),
    ifNull(maxOrNullIf(out_counterparties, side = 'in' AND isFinite(out_counterparties)), nan), ifNull(avgIf(lifetime, side = 'in' AND isFinite(lifetime)), nan),
    ifNull(maxOrNullIf(lifetime, side = 'in' AND isFinite(lifetime)), nan), ifNull(avgIf(gap_median, side = 'in' AND isFinite(gap_median)), nan),
    ifNull(maxOrNullIf(gap_median, side = 'in' AND isFinite(gap_median)), nan), ifNull(avgIf(out_share, side = 'in' AND isFinite(out_share)), nan),
    ifNull(maxOrNullIf(out_share, side = 'in' AND isFinite(out_share)), nan), ifNull(avgIf(in_empty_share, side = 'in' AND isFinite(in_empty_share)), nan),
    ifNull(maxOrNullIf(in_empty_share, side = 'in' AND isFinite(in_empty_share)), nan), ifNull(avgIf(burstiness, side = 'in' AND isFinite(burstiness)), nan),
    ifNull(maxOrNullIf(burstiness, side = 'in' AND isFinite(burstiness)), nan), ifNull(avgIf(turn_share, side = 'in' AND isFinite(turn_share)), nan),
    ifNull(maxOrNullIf(turn_share, side = 'in' AND isFinite(turn_share)), nan), ifNull(avgIf(first_is_out, side = 'in' AND isFinite(first_is_out)), nan),
    ifNull(maxOrNullIf(first_is_out, side = 'in' AND isFinite(first_is_out)), nan), ifNull(avgIf(moves_per_day, side = 'in' AND isFinite(moves_per_day)), nan),
    ifNull(maxOrNullIf(moves_per_day, side = 'in' AND isFinite(moves_per_day)), nan), ifNull(avgIf(in_amount_median, side = 'in' AND isFinite(in_amount_median)), nan),
    ifNull(maxOrNullIf(in_amount_median, side = 'in' AND isFinite(in_amount_median)), nan), ifNull(avgIf(out_amount_median, side = 'in' AND isFinite(out_amount_median)), nan),
    ifNull(maxOrNullIf(out_amount_median, side = 'in' AND isFinite(out_amount_median)), nan), ifNull(avgIf(in_amount_max, side = 'in' AND isFinite(in_amount_max)), nan),
    ifNull(maxOrNullIf(in_amount_max, side = 'in' AND isFinite(in_amount_max)), nan), ifNull(avgIf(out_amount_max, side = 'in' AND isFinite(out_amount_max)), nan),
    ifNull(maxOrNullIf(out_amount_max, side = 'in' AND isFinite(out_amount_max)), nan), ifNull(avgIf(kept_share, side = 'in' AND isFinite(kept_share)), nan),
    ifNull(maxOrNullIf(kept_share, side = 'in' AND isFinite(kept_share)), nan), ifNull(avgIf(delay_median, side = 'in' AND isFinite(delay_median)), nan),
    ifNull(maxOrNullIf(delay_median, side = 'in' AND isFinite(delay_median)), nan), ifNull(avgIf(within_hour_share, side = 'in' AND isFinite(within_hour_share)), nan),
    ifNull(maxOrNullIf(within_hour_share, side = 'in' AND isFinite(within_hour_share)), nan), ifNull(avgIf(in_round_share, side = 'in' AND isFinite(in_round_share)), nan),
    ifNull(maxOrNullIf(in_round_share, side = 'in' AND isFinite(in_round_share)), nan), ifNull(avgIf(out_round_share, side = 'in' AND isFinite(out_round_share)), nan),
    ifNull(maxOrNullIf(out_round_share, side = 'in' AND isFinite(out_round_share)), nan), ifNull(avgIf(balance_max, side = 'in' AND isFinite(balance_max)), nan),
    ifNull(maxOrNullIf(balance_max, side = 'in' AND isFinite(balance_max)), nan), ifNull(avgIf(out_call_share, side = 'in' AND isFinite(out_call_share)), nan),
    ifNull(maxOrNullIf(out_call_share, side = 'in' AND isFinite(out_call_share)), nan), ifNull(avgIf(out_selectors, side = 'in' AND isFinite(out_selectors)), nan),
    ifNull(maxOrNullIf(out_selectors, side = 'in' AND isFinite(out_selectors)), nan), ifNull(avgIf(in_call_share, side = 'in' AND isFinite(in_call_share)), nan),
    ifNull(maxOrNullIf(in_call_share, side = 'in' AND isFinite(in_call_share)), nan), ifNull(countIf(side = 'out'), nan),
    ifNull(avgIf(in_count, side = 'out' AND isFinite(in_count)), nan), ifNull(maxOrNullIf(in_count, side = 'out' AND isFinite(in_count)), nan),
    ifNull(avgIf(out_count, side = 'out' AND isFinite(out_count)), nan), ifNull(maxOrNullIf(out_count, side = 'out' AND isFinite(out_count)), nan),
    ifNull(avgIf(in_counterparties, side = 'out' AND isFinite(in_counterparties)), nan), ifNull(maxOrNullIf(in_counterparties, side = 'out' AND isFinite(in_counterparties)), nan),
    ifNull(avgIf(out_counterparties, side = 'out' AND isFinite(out_counterparties)), nan), ifNull(maxOrNullIf(out_counterparties, side = 'out' AND isFinite(out_counterparties)), nan),
    ifNull(avgIf(lifetime, side = 'out' AND isFinite(lifetime)), nan), ifNull(maxOrNullIf(lifetime, side = 'out' AND isFinite(lifetime)), nan),
    ifNull(avgIf(gap_median, side = 'out' AND isFinite(gap_median)), nan), ifNull(maxOrNullIf(gap_median, side = 'out' AND isFinite(gap_median)), nan),
    ifNull(avgIf(out_share, side = 'out' AND isFinite(out_share)), nan), ifNull(maxOrNullIf(out_share, side = 'out' AND isFinite(out_share)), nan),
    ifNull(avgIf(in_empty_share, side = 'out' AND isFinite(in_empty_share)), nan), ifNull(maxOrNullIf(in_empty_share, side = 'out' AND isFinite(in_empty_share)), nan),
    ifNull(avgIf(burstiness, side = 'out' AND isFinite(burstiness)), nan), ifNull(maxOrNullIf(burstiness, side = 'out' AND isFinite(burstiness)), nan),
    ifNull(avgIf(turn_share, side = 'out' AND isFinite(turn_share)), nan), ifNull(maxOrNullIf(turn_share, side = 'out' AND isFinite(turn_share)), nan),
    ifNull(avgIf(first_is_out, side = 'out' AND isFinite(first_is_out)), nan), ifNull(maxOrNullIf(first_is_out, side = 'out' AND isFinite(first_is_out)), nan),
    ifNull(avgIf(moves_per_day, side = 'out' AND isFinite(moves_per_day)), nan), ifNull(maxOrNullIf(moves_per_day, side = 'out' AND isFinite(moves_per_day)), nan),
    ifNull(avgIf(in_amount_median, side = 'out' AND isFinite(in_amount_median)), nan), ifNull(maxOrNullIf(in_amount_median, side = 'out' AND isFinite(in_amount_median)), nan),
    ifNull(avgIf(out_amount_median, side = 'out' AND isFinite(out_amount_median)), nan), ifNull(maxOrNullIf(out_amount_median, side = 'out' AND isFinite(out_amount_median)), nan),
    ifNull(avgIf(in_amount_max, side = 'out' AND isFinite(in_amount_max)), nan), ifNull(maxOrNullIf(in_amount_max, side = 'out' AND isFinite(in_amount_max)), nan),
    ifNull(avgIf(out_amount_max, side = 'out' AND isFinite(out_amount_max)), nan), ifNull(maxOrNullIf(out_amount_max, side = 'out' AND isFinite(out_amount_max)), nan),
    ifNull(avgIf(kept_share, side = 'out' AND isFinite(kept_share)), nan), ifNull(maxOrNullIf(kept_share, side = 'out' AND isFinite(kept_share)), nan),
    ifNull(avgIf(delay_median, side = 'out' AND isFinite(delay_median)), nan), ifNull(maxOrNullIf(delay_median, side = 'out' AND isFinite(delay_median)), nan),
    ifNull(avgIf(within_hour_share, side = 'out' AND isFinite(within_hour_share)), nan), ifNull(maxOrNullIf(within_hour_share, side = 'out' AND isFinite(within_hour_share)), nan),
    ifNull(avgIf(in_round_share, side = 'out' AND isFinite(in_round_share)), nan), ifNull(maxOrNullIf(in_round_share, side = 'out' AND isFinite(in_round_share)), nan),
    ifNull(avgIf(out_round_share, side = 'out' AND isFinite(out_round_share)), nan), ifNull(maxOrNullIf(out_round_share, side = 'out' AND isFinite(out_round_share)), nan),
    ifNull(avgIf(balance_max, side = 'out' AND isFinite(balance_max)), nan), ifNull(maxOrNullIf(balance_max, side = 'out' AND isFinite(balance_max)), nan),
    ifNull(avgIf(out_call_share, side = 'out' AND isFinite(out_call_share)), nan), ifNull(maxOrNullIf(out_call_share, side = 'out' AND isFinite(out_call_share)), nan),
    ifNull(avgIf(out_selectors, side = 'out' AND isFinite(out_selectors)), nan), ifNull(maxOrNullIf(out_selectors, side = 'out' AND isFinite(out_selectors)), nan),
    ifNull(avgIf(in_call_share, side = 'out' AND isFinite(in_call_share)), nan), ifNull(maxOrNullIf(in_call_share, side = 'out' AND isFinite(in_call_share)), nan)
FROM edges
INNER JOIN behaviour ON behaviour.neighbour_id = edges.neighbour_id
INNER JOIN numbered ON numbered.address_id = edges.id
GROUP BY address
