-- How many transfers the days of a snapshot hold by mark, the spam and the classes of their tokens; what becomes no edge apart.
SELECT
    multiIf(
        from_address = toFixedString('', 20) OR to_address = toFixedString('', 20), 'no_edge',
        from_address = to_address, 'self_loop',
        mark != '', CAST(mark AS String),
        is_spam = 1, 'spam',
        ''
    ) AS reason,
    sum(transfer_count) AS transfers
FROM address_daily_edges
LEFT JOIN (SELECT token_address, is_spam FROM token_marks WHERE chain_id = {chain_id:UInt64}) AS classes USING (token_address)
WHERE chain_id = {chain_id:UInt64}
GROUP BY reason
ORDER BY reason
