-- What DBeaver and its driver clickhouse-jdbc 0.9 send when they connect and browse, with the values filled in.
-- From ClickhouseMetaModel, ClickhouseDataSource and ClickhouseTable of DBeaver, DatabaseMetaDataImpl of clickhouse-java.

SELECT VERSION()

SELECT currentUser() AS user, timezone() AS timezone, version() AS version

SELECT 1

SHOW DATABASES

SELECT name FROM system.table_engines

SELECT name FROM system.data_type_families

SELECT name as TABLE_NAME, engine as TABLE_TYPE, database as TABLE_SCHEM,comment as REMARKS, * FROM system.tables
WHERE database = 'default'

SELECT name as TABLE_NAME, engine as TABLE_TYPE, database as TABLE_SCHEM,comment as REMARKS, * FROM system.tables
WHERE database = 'default' and name='transfers'

SELECT name AS TABLE_SCHEM, '' AS TABLE_CATALOG FROM system.databases ORDER BY name

SELECT 'local' AS TABLE_CAT  WHERE 1 = 0

SELECT arrayJoin(['TABLE', 'VIEW', 'SYSTEM TABLE']) AS TABLE_TYPE ORDER BY TABLE_TYPE

SELECT '' AS TABLE_CAT, t.database AS TABLE_SCHEM, t.name AS TABLE_NAME, if(t.is_temporary = 1, concat('Temporary', t.engine), t.engine) AS TABLE_TYPE, t.comment AS REMARKS, CAST(null as Nullable(String)) AS TYPE_CAT, d.engine AS TYPE_SCHEM, CAST(null as Nullable(String)) AS TYPE_NAME, CAST(null as Nullable(String)) AS SELF_REFERENCING_COL_NAME, CAST(null as Nullable(String)) AS REF_GENERATION FROM system.tables t JOIN system.databases d ON system.tables.database = system.databases.name WHERE t.database LIKE 'default' AND t.name LIKE '%' AND ( (t.engine IN ('View','MergeTree')) OR (t.engine NOT IN ('View','Kafka') AND NOT t.engine LIKE 'System%' AND NOT t.engine LIKE 'Async%' AND t.is_temporary = 0)) AND (t.is_temporary = 0)

SELECT '' AS TABLE_CAT, database AS TABLE_SCHEM, table AS TABLE_NAME, name AS COLUMN_NAME, toInt32(1111) AS DATA_TYPE, type AS TYPE_NAME, toInt32(multiIf(character_octet_length IS NOT NULL, character_octet_length, system.columns.type == 'Int8', 1, system.columns.type == 'UInt256', 32, numeric_precision IS NOT NULL, numeric_precision, 0)) AS COLUMN_SIZE, toInt32(0) AS BUFFER_LENGTH, toInt32(IF (numeric_scale == 0, NULL, numeric_scale)) as DECIMAL_DIGITS,  toInt32(numeric_precision_radix) AS NUM_PREC_RADIX, toInt32(position(type, 'Nullable(') >= 1 ?1 : 0) as NULLABLE, system.columns.comment AS REMARKS, system.columns.default_expression AS COLUMN_DEF, toInt32(0) AS SQL_DATA_TYPE, toInt32(0) AS SQL_DATETIME_SUB, character_octet_length::Nullable(Int32) AS CHAR_OCTET_LENGTH, toInt32(system.columns.position) AS ORDINAL_POSITION, position(upper(type), 'NULLABLE') >= 1 ? 'YES' : 'NO' AS IS_NULLABLE,CAST(NULL as Nullable(String)) AS SCOPE_CATALOG, CAST(NULL as Nullable(Int16)) AS SOURCE_DATA_TYPE, 'NO' as IS_AUTOINCREMENT, 'NO' as IS_GENERATEDCOLUMN  FROM system.columns WHERE database LIKE 'default' AND table LIKE 'transfers' AND name LIKE '%' ORDER BY TABLE_SCHEM, TABLE_NAME, ORDINAL_POSITION

SELECT NULL::Nullable(String) AS TABLE_CAT, system.tables.database AS TABLE_SCHEM, system.tables.name AS TABLE_NAME, trim(c.1) AS COLUMN_NAME, CAST(c.2 AS Int16) AS KEY_SEQ, 'PRIMARY' AS PK_NAME FROM system.tables ARRAY JOIN arrayZip(splitByChar(',', primary_key), arrayEnumerate(splitByChar(',', primary_key))) as c WHERE system.tables.primary_key <> '' AND system.tables.database ILIKE 'default' AND system.tables.name ILIKE 'transfers' ORDER BY COLUMN_NAME

SELECT CAST(NULL as Nullable(String)) AS PKTABLE_CAT, CAST(NULL as Nullable(Int16)) AS KEY_SEQ LIMIT 0

SHOW CREATE TABLE default.transfers

SHOW CREATE TABLE `default`.`transfers`

SHOW CREATE TABLE default.balances

select sum(bytes) as table_size, sum(rows) as table_rows, max(modification_time) as latest_modification,min(min_date) AS min_date,max(max_date) AS max_date,any(engine) as engine
FROM system.parts
WHERE database='default' AND table='transfers'
GROUP BY table

SELECT * FROM default.transfers LIMIT 0, 200

SELECT * FROM `default`.`transfers` LIMIT 200

SELECT count(*) FROM default.transfers

SELECT name, is_aggregate, case_insensitive FROM system.functions ORDER BY name

DESCRIBE TABLE default.transfers
