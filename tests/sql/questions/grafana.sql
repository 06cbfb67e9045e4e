-- What Grafana's ClickHouse data source sends when it connects, fills the query builder and draws, macros replaced.
-- From CHDatasource.ts, sqlGenerator.ts and schemaExplorer.ts of grafana/clickhouse-datasource, clickhouse-go over HTTP.

SELECT 1

SELECT version()

SELECT displayName(), version(), revision(), timezone()

SHOW DATABASES

SHOW TABLES FROM "default"

SHOW TABLES

DESC TABLE "default"."transfers"

SELECT name FROM system.databases ORDER BY name

SELECT name, database, table FROM system.columns WHERE database IN ('default') LIMIT 10000

SELECT name, type, table FROM system.columns WHERE database = 'default' AND table = 'transfers'

SELECT DISTINCT arrayJoin(JSONAllPathsWithTypes(CAST('{}' AS JSON)))

SELECT DISTINCT kind FROM default.transfers LIMIT 1000

SELECT toStartOfInterval("block_timestamp", INTERVAL 60 second) as "time", count() as transfers, kind FROM "default"."transfers" WHERE ( time >= toDateTime(1700000000) AND time <= toDateTime(1800000000) ) GROUP BY time, kind ORDER BY time ASC LIMIT 1000

SELECT block_timestamp as time, gas_used FROM "default"."blocks" WHERE block_timestamp >= fromUnixTimestamp64Milli(1700000000000) AND block_timestamp <= fromUnixTimestamp64Milli(1800000000000) ORDER BY time DESC LIMIT 100

SELECT "block_number", "kind" FROM "default"."transfers" WHERE (block_timestamp >= toDateTime64(1700000000000/1000, 3) AND block_timestamp <= toDateTime64(1800000000000/1000, 3)) LIMIT 1000

SELECT name, syntax, description FROM system.functions WHERE origin = 'System' ORDER BY name

SELECT EXISTS(SELECT 1 FROM system.tables WHERE database = 'default' AND name = 'transfers')
