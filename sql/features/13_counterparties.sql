-- With how many others each address deals, and how evenly.
--
-- builds: address_counterparty_features
-- grain: address
INSERT INTO address_counterparty_features (chain_id, address, as_of_block, version,
    in_top_share, in_top_amount_share, in_entropy, in_per_counterparty, in_per_counterparty_max, in_once_share,
    in_amount_concentration, in_amount_per_counterparty, in_returned_share, out_top_share, out_top_amount_share,
    out_entropy, out_per_counterparty, out_per_counterparty_max, out_once_share, out_amount_concentration,
    out_amount_per_counterparty, out_returned_share, counterparties, mutual_share, in_share_of_counterparties,
    in_counterparties_over_out, first_funder_returned, first_funder_in_share, called_counterparty_share)
SELECT
    {chain_id:UInt64}, address, max(last_block), {version:UInt64},
    ifNull(max(in_count) / nullIf(sum(in_count), 0), nan),
    ifNull(max(in_amount) / nullIf(sum(in_amount), 0), nan),
    ifNull(log(sum(in_count)) - sum(in_count * log(greatest(in_count, 1))) / nullIf(sum(in_count), 0), nan),
    ifNull(sum(in_count) / nullIf(countIf(in_count > 0), 0), nan),
    ifNull(max(in_count), nan),
    ifNull(avgIf(in_count = 1, in_count > 0), nan),
    ifNull(sum(in_amount * in_amount) / nullIf(sum(in_amount) * sum(in_amount), 0), nan),
    ifNull(log1p(1000 * sum(in_amount) / nullIf(countIf(in_count > 0), 0)), nan),
    ifNull(avgIf(in_count > 0 AND out_count > 0, in_count > 0), nan),
    ifNull(max(out_count) / nullIf(sum(out_count), 0), nan),
    ifNull(max(out_amount) / nullIf(sum(out_amount), 0), nan),
    ifNull(log(sum(out_count)) - sum(out_count * log(greatest(out_count, 1))) / nullIf(sum(out_count), 0), nan),
    ifNull(sum(out_count) / nullIf(countIf(out_count > 0), 0), nan),
    ifNull(max(out_count), nan),
    ifNull(avgIf(out_count = 1, out_count > 0), nan),
    ifNull(sum(out_amount * out_amount) / nullIf(sum(out_amount) * sum(out_amount), 0), nan),
    ifNull(log1p(1000 * sum(out_amount) / nullIf(countIf(out_count > 0), 0)), nan),
    ifNull(avgIf(in_count > 0 AND out_count > 0, out_count > 0), nan),
    ifNull(count(), nan),
    ifNull(avg(in_count > 0 AND out_count > 0), nan),
    ifNull(avg(in_count > 0), nan),
    ifNull(countIf(in_count > 0) / nullIf(countIf(out_count > 0), 0), nan),
    ifNull(argMin(out_count > 0, if(in_amount > 0, first_in, 9999999999)), nan),
    ifNull(argMin(in_amount, if(in_amount > 0, first_in, 9999999999)) / nullIf(sum(in_amount), 0), nan),
    ifNull(avg(called > 0), nan)
FROM
(
    SELECT
        address, counterparty, countIf(is_out = 0) AS in_count, countIf(is_out = 1) AS out_count,
        sumIf(amount, is_out = 0) AS in_amount, sumIf(amount, is_out = 1) AS out_amount,
        minIf(rank, is_out = 0 AND amount > 0) AS first_in, countIf(is_out = 1 AND selector != '') AS called,
        max(block_number) AS last_block
    FROM feature_native
    GROUP BY address, counterparty
)
GROUP BY address
