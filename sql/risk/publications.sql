-- Commit a publication: this one row makes all its rows visible at once.
--
-- builds:   publications
-- grain:    publication
INSERT INTO publications
    (chain_id, publication, content_key, policy_hash, policy, label_set_version, model_ids, as_of_block, as_of_block_hash,
     as_of_timestamp, finality, score_count, exposure_count, risk_label_count, recommendation_count, published_at, version)
SELECT
    {chain_id:UInt64} AS chain_id,
    {publication:UInt64} AS publication,
    {content_key:String} AS content_key,
    {policy_hash:String} AS policy_hash,
    {policy:String} AS policy,
    {label_set_version:String} AS label_set_version,
    {model_ids:Array(String)} AS model_ids,
    {as_of_block:UInt64} AS as_of_block,
    toFixedString(unhex({as_of_block_hash:String}), 32) AS as_of_block_hash,
    toDateTime({as_of_timestamp:String}, 'UTC') AS as_of_timestamp,
    {finality:String} AS finality,
    {score_count:UInt64} AS score_count,
    {exposure_count:UInt64} AS exposure_count,
    {risk_label_count:UInt64} AS risk_label_count,
    {recommendation_count:UInt64} AS recommendation_count,
    toDateTime64({at:String}, 3, 'UTC') AS published_at,
    {version:UInt64} AS version
