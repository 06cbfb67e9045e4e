-- What an address is called, by all that is believed of it, the surest first: for questions that show a name beside an address.
--
-- A view of address_actors: of each aspect the label that won, for the time in which it is true, and only labels of this chain
-- that the store knew when they were derived. Who was it when a transfer happened:
-- arrayFirst(name -> name.valid_from <= block_timestamp AND block_timestamp < name.valid_to, names).label
CREATE VIEW IF NOT EXISTS address_names
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address FixedString(20) COMMENT 'Address',
    names Array(Tuple(
        label String, category String, actor String, is_exchange UInt8, valid_from DateTime('UTC'), valid_to DateTime('UTC')
    )) COMMENT 'Labels as their sources write them with category, actor and the time in which they hold (valid_from to valid_to, which is not in it), the surest first; is_exchange: an exchange, its hot wallet or one of its deposit addresses'
)
AS SELECT
    chain_id,
    address,
    arrayMap(
        one -> (one.2, one.3, one.4, one.3 IN ('exchange', 'deposit', 'hot_wallet'), one.5, one.6),
        arraySort(groupArray((1 - confidence, label, CAST(category AS String), CAST(actor AS String), valid_from, valid_to)))
    ) AS names
FROM address_actors
GROUP BY chain_id, address
COMMENT 'One row per labelled address'
