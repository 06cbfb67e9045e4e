-- What each address does with each token it meets; only addresses with a token transfer have a row.
--
-- builds: address_token_holding_features
-- grain: address
INSERT INTO address_token_holding_features (chain_id, address, as_of_block, version,
    token_kept_share, token_kept_median, token_emptied_share, token_untouched_share, token_sent_unseen_share,
    token_per_token_mean, token_per_token_max, token_both_sides_share, token_hold_median)
SELECT
    {chain_id:UInt64}, address, max(last_block), {version:UInt64},
    ifNull(avg(kept), nan),
    ifNull(quantileExact(0.5)(kept), nan),
    ifNull(avg(kept < 0.01), nan),
    ifNull(avg(sent = 0), nan),
    ifNull(avg(received = 0), nan),
    ifNull(avg(moves), nan),
    ifNull(max(moves), nan),
    ifNull(avg(sent > 0 AND received > 0), nan),
    ifNull(quantileExactIf(0.5)(hold, sent > 0 AND received > 0), nan)
FROM
(
    SELECT
        address, token_address, count() AS moves, sumIf(amount, is_out = 0) AS received, sumIf(amount, is_out = 1) AS sent,
        -- Of a token that never came nothing can be kept.
        if(received > 0, greatest(1 - sent / received, -1), NULL) AS kept,
        maxIf(age, is_out = 1) - minIf(age, is_out = 0) AS hold, max(block_number) AS last_block
    FROM feature_tokens
    GROUP BY address, token_address
)
GROUP BY address
