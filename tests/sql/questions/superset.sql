-- What Superset sends over clickhouse-connect's SQLAlchemy dialect (clickhousedb://) when it connects, lists and explores.
-- From cc_sqlalchemy/dialect.py and inspector.py of clickhouse-connect 1.12 and db_engine_specs/clickhouse.py of Superset.

SELECT version(), timezone()

SELECT name, value, readonly FROM system.settings LIMIT 10000

SELECT 1 AS check

SELECT currentDatabase()

SELECT name FROM system.functions UNION ALL SELECT name FROM system.table_functions

SHOW DATABASES

SHOW TABLES FROM `default`

SELECT name FROM system.tables WHERE database = 'default' AND engine IN ('View', 'WindowView') ORDER BY name

SELECT name FROM system.tables WHERE database = 'default' AND engine = 'MaterializedView' ORDER BY name

EXISTS DATABASE `default`

EXISTS TABLE `default`.`transfers`

DESCRIBE TABLE `default`.`transfers`

SELECT engine, engine_full, comment FROM system.tables WHERE database = 'default' AND name = 'transfers'

SELECT * FROM `default`.`transfers` LIMIT 101

SELECT * FROM `default`.transfers LIMIT 1001

SELECT toStartOfDay(toDateTime(`block_timestamp`)) AS `__timestamp`, COUNT(*) AS `count` FROM `default`.`transfers` WHERE `block_timestamp` >= toDateTime('2020-01-01 00:00:00') AND `block_timestamp` < toDateTime('2030-01-01 00:00:00') GROUP BY toStartOfDay(toDateTime(`block_timestamp`)) ORDER BY `count` DESC LIMIT 10000

SELECT `kind` AS `kind`, sum(`batch_index`) AS `SUM(batch_index)` FROM (SELECT * FROM transfers) AS `virtual_table` GROUP BY `kind` ORDER BY `SUM(batch_index)` DESC LIMIT 50000

SELECT DISTINCT `kind` AS `kind` FROM `default`.`transfers` LIMIT 10000

EXPLAIN ESTIMATE SELECT * FROM transfers
