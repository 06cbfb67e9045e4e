-- How near an address is to what sources name. NaN where it is undefined. Labels are in it: never train on labels with it that it knew.
CREATE TABLE IF NOT EXISTS address_exposure_features
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address FixedString(20) COMMENT 'Address',
    exchange_distance Float32 COMMENT 'Payments, in either direction and not through services or hubs, to the nearest exchange, itself apart; 4 for four or more or none',
    mixer_distance Float32 COMMENT 'Payments, in either direction and not through services or hubs, to the nearest mixer, itself apart; 4 for four or more or none',
    bridge_distance Float32 COMMENT 'Payments, in either direction and not through services or hubs, to the nearest bridge, itself apart; 4 for four or more or none',
    illicit_distance Float32 COMMENT 'Payments, in either direction and not through services or hubs, to the nearest address labelled illicit, itself apart; 4 for four or more or none',
    illicit_taint Float32 COMMENT 'Personalised PageRank from the addresses labelled illicit along payments, itself not among them; times the number of addresses that moved anything by as_of_block; 1 is an even share',
    in_exchange_share Float32 COMMENT 'Payments received from exchanges; share',
    out_exchange_share Float32 COMMENT 'Payments to exchanges; share',
    out_mixer_share Float32 COMMENT 'Payments to mixers; share',
    out_bridge_share Float32 COMMENT 'Payments to bridges; share',
    funder_illicit_share Float32 COMMENT 'Addresses labelled illicit among the others whose first payment came from the same giver; share',
    as_of_block UInt64 COMMENT 'Highest block of the build',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, address)
COMMENT 'One row per address with any: nearness to labelled addresses'
