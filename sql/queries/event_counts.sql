-- How many events of each kind of transfer the logs of a range hold; a TransferBatch counts once, whatever it moves.
SELECT event, toUInt64(count()) AS events, toUInt64(countIf(address = unhex('c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2'))) AS of_weth
FROM (
    SELECT
        address,
        multiIf(
            topics[1] = unhex('ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'),
            multiIf(
                length(topics) = 3 AND length(data) = 32, 'erc20_transfer',
                (length(topics) = 4 AND empty(data)) OR (length(topics) = 1 AND length(data) = 96), 'erc721_transfer',
                'malformed_transfer'
            ),
            topics[1] IN (
                unhex('c3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62'),
                unhex('4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb')
            ), 'erc1155_transfer',
            topics[1] = unhex('e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c'), 'deposit',
            topics[1] = unhex('7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65'), 'withdrawal',
            'other'
        ) AS event
    FROM logs
    WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
)
GROUP BY event
ORDER BY event
