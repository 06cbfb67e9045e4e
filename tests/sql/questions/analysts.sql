-- What analysts ask, one statement a paragraph: each passes the guard and is answered by the engine.

SELECT kind, count() AS transfers FROM transfers GROUP BY kind ORDER BY transfers DESC

SELECT '0x' || lower(hex(from_address)) AS giver, count() FROM transfers GROUP BY giver ORDER BY 2 DESC LIMIT 10

SELECT toStartOfDay(block_timestamp) AS day, uniqExact(from_address) FROM transfers GROUP BY day ORDER BY day

SELECT toStartOfInterval(block_timestamp, INTERVAL 15 MINUTE) AS slot, sum(toFloat64(amount)) / 1e18 FROM transfers WHERE kind = 'native' AND NOT amount_overflow GROUP BY slot

SELECT quantile(0.5)(toFloat64(amount)), quantilesTDigest(0.1, 0.9)(toFloat64(amount)), median(toFloat64(amount)) FROM transfers

SELECT from_address, row_number() OVER (PARTITION BY from_address ORDER BY block_number, position) AS nth FROM transfers

SELECT block_number, sum(toFloat64(amount)) OVER (ORDER BY block_number ROWS BETWEEN 10 PRECEDING AND CURRENT ROW) AS moving FROM transfers

SELECT block_number, lagInFrame(block_timestamp) OVER w AS before, dateDiff('second', before, block_timestamp) AS gap FROM blocks WINDOW w AS (ORDER BY block_number ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)

SELECT token_address, first_value(amount) OVER (PARTITION BY token_address ORDER BY block_number), rank() OVER (ORDER BY amount DESC) FROM transfers

SELECT from_address, amount FROM transfers QUALIFY row_number() OVER (PARTITION BY from_address ORDER BY amount DESC) = 1

SELECT from_address, amount FROM transfers ORDER BY amount DESC LIMIT 1 BY from_address

SELECT amount FROM transfers ORDER BY amount DESC LIMIT 3 WITH TIES

SELECT t.block_number, b.base_fee_per_gas FROM transfers AS t INNER JOIN blocks AS b ON t.chain_id = b.chain_id AND t.block_number = b.block_number

SELECT t.block_number, b.block_number FROM transfers AS t ASOF LEFT JOIN blocks AS b ON t.chain_id = b.chain_id AND t.block_timestamp >= b.block_timestamp

SELECT count() FROM transfers AS t LEFT ANTI JOIN transactions AS x ON t.transaction_hash = x.transaction_hash

SELECT count() FROM transfers AS t SEMI LEFT JOIN transactions AS x USING (transaction_hash)

SELECT count() FROM transfers AS t ANY LEFT JOIN tokens AS k USING (token_address)

SELECT a.block_number FROM blocks AS a FULL OUTER JOIN transactions AS b ON a.block_number = b.block_number

SELECT x.block_number FROM transactions AS x WHERE x.transaction_hash IN (SELECT transaction_hash FROM transfers WHERE kind = 'erc20')

SELECT count() FROM transfers WHERE (from_address, to_address) IN (SELECT to_address, from_address FROM transfers)

SELECT count() FROM transactions AS t WHERE EXISTS (SELECT 1 FROM logs AS l WHERE l.transaction_hash = t.transaction_hash)

WITH big AS (SELECT * FROM transfers WHERE amount > 1000) SELECT kind, count() FROM big GROUP BY kind

WITH (SELECT max(block_number) FROM blocks) AS head SELECT count() FROM transfers WHERE block_number > head - 100

WITH toUInt256(10) AS factor SELECT amount * factor FROM transfers LIMIT 1

WITH RECURSIVE hops AS (SELECT 1 AS hop UNION ALL SELECT hop + 1 FROM hops WHERE hop < 5) SELECT sum(hop) FROM hops

WITH RECURSIVE reached AS (SELECT from_id AS id, 0 AS hop FROM address_edges WHERE from_id = 1 UNION ALL SELECT e.to_id, r.hop + 1 FROM address_edges AS e INNER JOIN reached AS r ON e.from_id = r.id WHERE r.hop < 3) SELECT id, min(hop) FROM reached GROUP BY id

SELECT kind, token_address, count() FROM transfers GROUP BY GROUPING SETS ((kind), (token_address), ())

SELECT kind, count(), grouping(kind) FROM transfers GROUP BY kind WITH ROLLUP

SELECT kind, doubt, count() FROM transfers GROUP BY CUBE(kind, doubt)

SELECT kind, count() FROM transfers GROUP BY kind WITH TOTALS HAVING count() > 0

SELECT kind, toDate(block_timestamp), count() FROM transfers GROUP BY ALL ORDER BY ALL

SELECT toDate(block_timestamp) AS day, count() AS n FROM transfers GROUP BY day ORDER BY day WITH FILL STEP 1

SELECT number AS n, number * 2 AS twice FROM numbers(10) WHERE number % 3 = 0 ORDER BY n WITH FILL FROM 0 TO 9 INTERPOLATE (twice AS twice + 1)

SELECT l.address, topic FROM logs AS l ARRAY JOIN l.topics AS topic

SELECT transaction_hash, key.address FROM transactions LEFT ARRAY JOIN access_list AS key

SELECT arrayMap(x -> x * 2, [1, 2, 3]), arrayFilter((x, y) -> x > y, [1, 5], [2, 3]), arraySum(range(10)), arraySort(x -> -x, [3, 1, 2])

SELECT groupArray(10)(amount), groupUniqArray(kind), arrayDistinct(groupArray(kind)), topK(3)(kind) FROM transfers

SELECT sumIf(toFloat64(amount), kind = 'native'), countIf(kind = 'erc20'), argMax(block_number, amount), uniqIf(from_address, amount > 0) FROM transfers

SELECT count() FILTER (WHERE kind = 'fee') FROM transfers

SELECT from_address, uniqState(to_address) AS met FROM transfers GROUP BY from_address

SELECT uniqMerge(met) FROM (SELECT uniqState(to_address) AS met FROM transfers)

SELECT sumMap(map(kind, 1)), maxMap([kind], [amount]) FROM transfers

SELECT corr(toFloat64(gas_used), toFloat64(gas_limit)), stddevPop(gas_used), simpleLinearRegression(gas_used, gas_limit) FROM blocks

SELECT retention(kind = 'native', kind = 'erc20') FROM transfers GROUP BY from_address

SELECT windowFunnel(86400)(block_timestamp, kind = 'native', kind = 'erc20') FROM transfers GROUP BY from_address

SELECT sequenceMatch('(?1)(?2)')(block_timestamp, kind = 'native', kind = 'erc20') FROM transfers GROUP BY from_address

SELECT * EXCEPT (version, is_deleted) FROM transfers LIMIT 5

SELECT * REPLACE (hex(from_address) AS from_address) FROM transfers LIMIT 5

SELECT * EXCEPT (block_hash) APPLY(toString) FROM blocks LIMIT 1

SELECT COLUMNS('gas') FROM blocks LIMIT 1

SELECT b.* FROM blocks AS b PREWHERE gas_used > 0 WHERE block_number > 5

SELECT count() FROM transfers FINAL WHERE from_address = unhex('93d8ab708cae43a30bedcf892a0c387bdf8a0af5')

SELECT DISTINCT kind FROM transfers

SELECT DISTINCT ON (from_address) from_address, to_address FROM transfers

SELECT from_address FROM transfers INTERSECT SELECT to_address FROM transfers

SELECT from_address FROM transfers EXCEPT SELECT to_address FROM transfers

SELECT from_address AS address FROM transfers UNION DISTINCT SELECT to_address FROM transfers

(SELECT 1 AS a) UNION ALL (SELECT 2)

SELECT if(amount > 0, 'some', 'none'), multiIf(amount > 10, 'much', amount > 0, 'some', 'none'), amount > 5 ? 1 : 0, CASE kind WHEN 'fee' THEN 1 ELSE 2 END, coalesce(NULL, 1), nullIf(1, 1) FROM transfers

SELECT CAST(amount AS Float64), amount::String, toDecimal256(amount, 0), accurateCastOrNull(amount, 'UInt8') FROM transfers

SELECT extract(YEAR FROM block_timestamp), toYYYYMM(block_timestamp), formatDateTime(block_timestamp, '%Y-%m'), block_timestamp - INTERVAL 1 DAY, date_trunc('month', block_timestamp) FROM blocks

SELECT count() FROM blocks WHERE block_timestamp BETWEEN toDateTime('2024-01-01 00:00:00', 'UTC') AND now()

SELECT count() FROM blocks WHERE toDate(block_timestamp) >= DATE '2024-01-01' OR block_number IN (1, 2, 3)

SELECT trim(BOTH ' ' FROM label), upper(category), position(label, 'x'), label LIKE '%bank%', label ILIKE 'B%', match(label, '^[a-z]+$'), replaceRegexpAll(label, '[0-9]', '#'), splitByChar(' ', label) FROM labels

SELECT JSONExtractString('{"a": "b"}', 'a'), JSON_VALUE('{"a": 1}', '$.a'), map('a', 1)['a'], tuple(1, 'x').2, [1, 2][1]

SELECT method_id, count() FROM transactions WHERE input_length >= 4 GROUP BY method_id HAVING count() > 1 ORDER BY count() DESC

SELECT bitAnd(5, 3), bitShiftLeft(1, 4), 7 % 3, intDiv(7, 2), pow(2, 10), round(3.14159, 2), greatest(1, 2), least(1, 2), abs(-1), exp(1), log2(8)

SELECT '0x' || lower(hex(keccak256('Transfer(address,address,uint256)'))), hex(SHA256('a')), cityHash64('a'), reinterpretAsUInt256(reverse(unhex('ff')))

SELECT exponentialMovingAverage(10)(toFloat64(gas_used), toUnixTimestamp(block_timestamp)) FROM blocks

SELECT seriesOutliersDetectTukey(groupArray(toFloat64(gas_used))) FROM blocks HAVING count() > 4

SELECT bar(count(), 0, 100, 20), formatReadableQuantity(count()), formatReadableSize(count()) FROM transfers

SELECT histogram(5)(toFloat64(amount)) FROM transfers

SELECT a.number, b.number FROM numbers(3) AS a CROSS JOIN numbers(3) AS b WHERE a.number < b.number

SELECT * FROM values('name String, rank UInt8', ('a', 1), ('b', 2)) AS v WHERE v.rank > 1

SELECT v.address, t.amount FROM (SELECT arrayJoin([unhex('93d8ab708cae43a30bedcf892a0c387bdf8a0af5')]) AS address) AS v INNER JOIN transfers AS t ON t.from_address = v.address

SELECT * FROM view(SELECT kind, count() AS n FROM transfers GROUP BY kind) WHERE n > 0

SELECT s.generate_series FROM generate_series(1, 10, 3) AS s WHERE s.generate_series > 1

SELECT count() * 10 FROM transfers WHERE cityHash64(transaction_hash) % 10 = 0

SELECT token_address, balance FROM balances_at(block = 5) LIMIT 5

SELECT * FROM balances_at(block = 1000000) AS b ORDER BY b.balance DESC LIMIT 3

SELECT name, type, comment FROM system.columns WHERE table = 'transfers' AND database = currentDatabase()

SELECT count(*), count(1), count(DISTINCT kind), uniq(kind), any(kind), anyLast(kind) FROM transfers

SELECT kind, count() * 100 / sum(count()) OVER () AS percent FROM transfers GROUP BY kind

SELECT avg(x), untuple(tuple(1, 2)) FROM (SELECT number AS x FROM numbers(3)) WHERE x IS NOT NULL AND x <> 7 AND NOT (x = 9) AND x IS NOT DISTINCT FROM x

SELECT max(n) FROM (SELECT count() AS n, block_number FROM transfers GROUP BY block_number) WHERE n > (SELECT avg(gas_used) FROM blocks) OR 1

EXPLAIN indexes = 1 SELECT count() FROM transfers WHERE block_number = 5

SHOW TABLES LIKE 'trans%'

DESCRIBE TABLE transfers
