-- What an address does, without a clock or a fee: counterparties. NaN where it is undefined.
CREATE TABLE IF NOT EXISTS address_counterparty_features
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address FixedString(20) COMMENT 'Address',
    in_top_share Float32 COMMENT 'Moves received with the most frequent counterparty; share',
    in_top_amount_share Float32 COMMENT 'Native amount received with the largest counterparty; share',
    in_entropy Float32 COMMENT 'Spread of moves received over counterparties; nats',
    in_per_counterparty Float32 COMMENT 'Moves received a counterparty; mean',
    in_per_counterparty_max Float32 COMMENT 'Moves received with the most frequent counterparty; number',
    in_once_share Float32 COMMENT 'Counterparties of moves received met once; share',
    in_amount_concentration Float32 COMMENT 'Herfindahl index of native amounts received over counterparties',
    in_amount_per_counterparty Float32 COMMENT 'Native amount received a counterparty; log(1 + thousandths of the coin)',
    in_returned_share Float32 COMMENT 'Counterparties of moves received that appear on the other side too; share',
    out_top_share Float32 COMMENT 'Moves sent with the most frequent counterparty; share',
    out_top_amount_share Float32 COMMENT 'Native amount sent with the largest counterparty; share',
    out_entropy Float32 COMMENT 'Spread of moves sent over counterparties; nats',
    out_per_counterparty Float32 COMMENT 'Moves sent a counterparty; mean',
    out_per_counterparty_max Float32 COMMENT 'Moves sent with the most frequent counterparty; number',
    out_once_share Float32 COMMENT 'Counterparties of moves sent met once; share',
    out_amount_concentration Float32 COMMENT 'Herfindahl index of native amounts sent over counterparties',
    out_amount_per_counterparty Float32 COMMENT 'Native amount sent a counterparty; log(1 + thousandths of the coin)',
    out_returned_share Float32 COMMENT 'Counterparties of moves sent that appear on the other side too; share',
    counterparties Float32 COMMENT 'Different counterparties; number',
    mutual_share Float32 COMMENT 'Counterparties on both sides; share',
    in_share_of_counterparties Float32 COMMENT 'Counterparties that sent something; share',
    in_counterparties_over_out Float32 COMMENT 'Counterparties that sent something over those that received something',
    first_funder_returned Float32 COMMENT '1 when it sent something to whoever funded it first',
    first_funder_in_share Float32 COMMENT 'Native inflow from whoever funded it first; share',
    called_counterparty_share Float32 COMMENT 'Counterparties it sent call data to; share',
    as_of_block UInt64 COMMENT 'Highest block with something of it',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, address)
COMMENT 'One row per address with any: counterparties'
