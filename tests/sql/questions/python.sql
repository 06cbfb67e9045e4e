-- What clickhouse-connect 1.12, pandas' read_sql over it, and Ibis ask before and beside a user's own questions.

SELECT version(), timezone()

SELECT name, value, readonly FROM system.settings LIMIT 10000

SELECT 1 AS check

SELECT * FROM transfers LIMIT 0

DESCRIBE TABLE `transfers`

DESCRIBE (SELECT kind, count() FROM transfers GROUP BY kind)

SELECT name FROM system.databases

SELECT name FROM system.tables WHERE database = 'default'

SELECT name, type FROM system.columns WHERE database = 'default' AND table = 'transfers' ORDER BY position

SELECT count() FROM transfers WHERE kind = 'native' AND amount > toUInt256('1000000000000000000')

SELECT uniqExact(from_address) FROM transfers
