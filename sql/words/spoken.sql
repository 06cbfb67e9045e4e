-- What addresses say with their transactions, word by word: tokens they move, methods they call, amounts they name, whom they meet.
--
-- grain: address, family, word
--
-- A word begins with `<` (came in) or `>` (went out). Families: token (the contract), method (four bytes of call data), call (method
-- and length of the call data), amount (coins exactly as sent; zero is no word), counterparty (the address at the other end). Whether
-- an address says a word counts, not how often.
-- Of the addresses in {addresses} (hex), and of their first {life_seconds} where a life was cut.
WITH
    asked AS (SELECT arrayJoin({addresses:Array(FixedString(20))})),
    said AS
    (
        SELECT
            if(is_out = 1, called.from_address, assumeNotNull(called.to_address)) AS speaker,
            is_out, toUnixTimestamp(block_timestamp) AS moment,
            [
                ('method', lower(hex(method_id))),
                ('call', concat(lower(hex(method_id)), ':', toString(input_length))),
                ('amount', if(value = 0, '', toString(value))),
                ('counterparty', lower(hex(if(is_out = 1, assumeNotNull(called.to_address), called.from_address))))
            ] AS words
        FROM transactions AS called
        ARRAY JOIN [0, 1] AS is_out
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND called.to_address IS NOT NULL
            -- Said of the columns as they are, so that their indexes leave out what no address of few had a part in.
            AND (called.from_address IN asked OR called.to_address IN asked)
            AND if(is_out = 1, called.from_address, assumeNotNull(called.to_address)) IN asked
    ),
    moved AS
    (
        SELECT
            if(is_out = 1, from_address, to_address) AS speaker,
            is_out, toUnixTimestamp(block_timestamp) AS moment,
            [
                ('token', lower(hex(token_address))),
                ('counterparty', lower(hex(if(is_out = 1, to_address, from_address))))
            ] AS words
        FROM transfers
        ARRAY JOIN [0, 1] AS is_out
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND kind IN ('erc20', 'erc721', 'erc1155', 'wrap')
            AND (transfers.from_address IN asked OR transfers.to_address IN asked)
            AND if(is_out = 1, from_address, to_address) IN asked
    ),
    uttered AS
    (
        SELECT speaker, is_out, words, moment - min(moment) OVER (PARTITION BY speaker) AS age
        FROM (SELECT * FROM said UNION ALL SELECT * FROM moved)
    )
SELECT DISTINCT lower(hex(speaker)) AS address, spoken.1 AS family, concat(if(is_out = 1, '>', '<'), spoken.2) AS word
FROM uttered
ARRAY JOIN words AS spoken
WHERE age <= {life_seconds:UInt32} AND spoken != ('amount', '')
ORDER BY address, family, word
