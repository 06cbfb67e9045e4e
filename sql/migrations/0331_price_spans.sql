-- From which moment on which price counts: whoever looks for the price of a time takes the last row at or before it.
--
-- The newest price counts while it holds, and when it no longer does, the newest of the older ones that still do: a daily price
-- stands again where a candle of a minute has run out. So there is a row where a price begins, and one where a price ends that an
-- older one may outlive: only tokens whose prices hold for different times have those.
CREATE VIEW IF NOT EXISTS price_spans
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    token_address FixedString(20) COMMENT 'Token contract; zeros for the native coin',
    quote LowCardinality(String) COMMENT 'Currency of the price in capitals: USD, EUR …',
    counts_from DateTime('UTC') COMMENT 'From this moment on it is the price, until the next row, or until it is too old',
    priced_at DateTime('UTC') COMMENT 'Since when the price was known; its age counts from here',
    price Float64 COMMENT 'Units of the currency for one whole token',
    max_age_seconds UInt32 COMMENT 'For so long after priced_at the price may be used; later the price is unknown',
    source LowCardinality(String) COMMENT 'Who says so'
)
AS WITH
    various AS (
        SELECT chain_id, token_address, quote, min(max_age_seconds) AS shortest
        FROM prices
        GROUP BY chain_id, token_address, quote
        HAVING shortest != max(max_age_seconds)
    ),
    ends AS (
        SELECT
            p.chain_id AS chain_id, p.token_address AS token_address, p.quote AS quote, p.max_age_seconds AS max_age, v.shortest AS shortest,
            toUInt64(toUnixTimestamp(p.priced_at)) + p.max_age_seconds + 1 AS ended,
            leadInFrame(p.priced_at, 1, toDateTime(4294967295, 'UTC')) OVER (
                PARTITION BY p.chain_id, p.token_address, p.quote ORDER BY p.priced_at
                ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
            ) AS next_at
        FROM prices AS p
        INNER JOIN various AS v ON v.chain_id = p.chain_id AND v.token_address = p.token_address AND v.quote = p.quote
    ),
    -- A price of the shortest time is followed by an older one only where no newer one has come.
    asked AS (
        SELECT DISTINCT e.chain_id AS chain_id, e.token_address AS token_address, e.quote AS quote,
            toDateTime(e.ended, 'UTC') AS moment, a.max_age AS max_age
        FROM ends AS e
        INNER JOIN (SELECT DISTINCT chain_id, token_address, quote, max_age FROM ends) AS a
            ON a.chain_id = e.chain_id AND a.token_address = e.token_address AND a.quote = e.quote
        WHERE e.ended < 4294967296 AND (e.max_age > e.shortest OR toUnixTimestamp(e.next_at) > e.ended)
    )
SELECT chain_id, token_address, quote, priced_at AS counts_from, priced_at, price, max_age_seconds, source
FROM prices
UNION ALL
SELECT chain_id, token_address, quote, moment, newest.1, newest.2, newest.3, newest.4
FROM (
    SELECT
        q.chain_id AS chain_id, q.token_address AS token_address, q.quote AS quote, q.moment AS moment,
        argMax((p.priced_at, p.price, p.max_age_seconds, p.source), p.priced_at) AS newest
    FROM asked AS q
    ASOF INNER JOIN (SELECT * FROM prices) AS p
        ON p.chain_id = q.chain_id AND p.token_address = q.token_address AND p.quote = q.quote
        AND p.max_age_seconds = q.max_age AND q.moment >= p.priced_at
    WHERE dateDiff('second', p.priced_at, q.moment) <= p.max_age_seconds
    GROUP BY chain_id, token_address, quote, moment
)
COMMENT 'One row per moment from which on another price counts'
