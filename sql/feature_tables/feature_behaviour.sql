-- Working table of sql/features/20_behaviour.sql, gone when the store closes.
CREATE TEMPORARY TABLE feature_behaviour
(
    address_id UInt64,
    in_count Float32,
    out_count Float32,
    in_counterparties Float32,
    out_counterparties Float32,
    lifetime Float32,
    gap_median Float32,
    out_share Float32,
    in_empty_share Float32,
    burstiness Float32,
    turn_share Float32,
    first_is_out Float32,
    moves_per_day Float32,
    in_amount_median Float32,
    out_amount_median Float32,
    in_amount_max Float32,
    out_amount_max Float32,
    kept_share Float32,
    delay_median Float32,
    within_hour_share Float32,
    in_round_share Float32,
    out_round_share Float32,
    balance_max Float32,
    out_call_share Float32,
    out_selectors Float32,
    in_call_share Float32
)
ENGINE = MergeTree
ORDER BY address_id
