"""The names a reader's question may use: functions, table functions, tables of the engine. What is not allowed is refused.

`allowed_functions.txt` lists what may be called; REFUSED says of everything else that the engine has why not. A test holds
the two together against `system.functions`: an engine that brings a new function makes it fail until somebody has decided.
"""

from __future__ import annotations

import re
from functools import cache

from sql.files import SQL_DIR, load_folder


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OUTSIDE = "reads from outside the store"
_SERVER = "tells about the machine, not about the chain"
_BY_NAME = "reaches tables by names that cannot be checked"
_COSTLY = "may work for hours on one row, and cannot be stopped there"
_EARTH = "is about places on Earth, and may work for hours on one row"
_SQL = "is about SQL itself, not about the chain"
_OWN = "belongs to the engine's own workings"
_STATE = "keeps something beyond the question"

REFUSED: dict[str, str] = {
    _OUTSIDE: "file url urlCluster s3 s3Cluster gcs oss cosn hdfs hdfsCluster azureBlobStorage azureBlobStorageCluster "
    "remote remoteSecure cluster clusterAllReplicas mysql postgresql mongodb redis sqlite odbc jdbc executable input python "
    "bigquery ytsaurus arrowstream arrowFlight filesystem fileCluster hudi hudiCluster iceberg icebergS3 icebergS3Cluster "
    "icebergAzure icebergAzureCluster icebergHDFS icebergHDFSCluster icebergLocal icebergLocalCluster icebergCluster "
    "deltaLake deltaLakeS3 deltaLakeS3Cluster deltaLakeAzure deltaLakeAzureCluster deltaLakeLocal deltaLakeCluster "
    "paimon paimonS3 paimonS3Cluster paimonAzure paimonAzureCluster paimonHDFS paimonHDFSCluster paimonLocal paimonCluster "
    "prometheusQuery prometheusQueryRange hive dictGet* dictHas dictIsIn region* evalMLMethod catboostEvaluate naiveBayes* "
    "ai* AI* generateRandom fuzzJSON fuzzQuery",
    _BY_NAME: "merge loop dictionary mergeTree* timeSeriesData timeSeriesMetrics timeSeriesTags timeSeriesSamples "
    "timeSeriesSelector timeSeriesMetricFamilies viewIfPermitted viewExplain eval joinGet joinGetOrNull hasColumnInTable "
    "in notIn nullIn notNullIn globalIn globalNotIn globalNullIn globalNotNullIn *InIgnoreSet inIgnoreSet "
    "SQLStandardValues",
    _SERVER: "hostName fullHostName hostname FQDN displayName tcpPort getServerPort getServerSetting getSetting "
    "getSettingOrDefault getMergeTreeSetting getMacro getOSKernelVersion buildId serverUUID uptime filesystemAvailable "
    "filesystemCapacity filesystemUnreserved showCertificate getClientHTTPHeader currentRequestURL currentHandler "
    "zookeeperSessionUptime connectionId connection_id globalVariable tid hasThreadFuzzer runningConcurrency "
    "getMaxTableNameLengthForDatabase transactionID transactionLatestSnapshot transactionOldestSnapshot shardCount shardNum "
    "currentProfiles currentRoles defaultProfiles defaultRoles enabledProfiles enabledRoles authenticatedUser authUser "
    "addressToLine addressToLineWithInlines addressToSymbol demangle logTrace flameGraph "
    "isMergeTreePartCoveredBy partitionId partitionID pgGetUserById pg_get_userbyid pgTableIsVisible pg_table_is_visible "
    "initialQueryID initial_query_id initialQueryStartTime initial_query_start_time",
    "waits or fails on purpose": "sleep sleepEachRow throwIf aggThrow timeSeriesThrowDuplicateSeriesIf",
    _STATE: "generateSerialID timeSeriesStoreTags timeSeriesCopyTag timeSeriesCopyTags timeSeriesIdToTags timeSeriesIdToGroup "
    "timeSeriesIdToTagsGroup timeSeriesTagsToGroup timeSeriesGroupToTags timeSeriesTagsGroupToTags timeSeriesJoinTags "
    "timeSeriesRemove* timeSeriesReplaceTag timeSeriesExtractTag timeSeriesGroupToSamplingKey timeSeriesTagsToMap",
    _COSTLY: "hasAll hasAny editDistance editDistanceUTF8 levenshteinDistance levenshteinDistanceUTF8 mismatches "
    "damerauLevenshteinDistance arrayLevenshteinDistance arrayLevenshteinDistanceWeighted arraySimilarity jaroSimilarity "
    "jaroWinklerSimilarity stringJaccardIndex stringJaccardIndexUTF8 extractAllGroups extractAllGroupsHorizontal "
    "extractAllGroupsVertical arrayAutocorrelation seriesDecomposeSTL hierarchicalKMeans assignCentroid multiFuzzyMatch* "
    "isProbablePrime primes "
    "sparseGrams* ngramMinHashArg* wordShingleMinHashArg* stochasticLinearRegression stochasticLogisticRegression",
    _SQL: "formatQuery* obfuscateQuery* parseQueryToJSON tokenizeQuery highlightQuery normalizeQuery "
    "normalizeQueryKeepNames normalizedQueryHash normalizedQueryHashKeepNames",
    _EARTH: "geo* h3* s2* *ToH3 MVT* ST_* readWK* readWkb readWkt polygon* pointIn* greatCircle* area* perimeter* "
    "MGRSToGeo UTMToGeo svg SVG wkb WKB wkt WKT flipCoordinates",
    _OWN: "__* nested validateNestedArraySizes structureToCapnProtoSchema structureToProtobufSchema generateRandomStructure "
    "dumpColumnStructure getTypeSerializationStreams formatRow formatRowNoNewline blockSerializedSize "
    "lowCardinalityIndices mergeTreePartInfo indexHint _CAST groupFormat "
    "estimateCompressionRatio caseWithExpression caseWithExpr caseWithoutExpr caseWithoutExpression "
    "icebergBucket icebergTruncate icebergHash minSampleSize* fuzzBits",
}

TABLE_FUNCTIONS = _words("numbers numbers_mt zeros zeros_mt generateseries generate_series values view null")
"""May stand where a table stands; they make rows of their own arguments."""

HIDDEN_COLUMNS: dict[str, tuple[str, ...]] = {
    "tables": ("data_paths", "metadata_path"),
    "databases": ("data_path", "metadata_path"),
    "parts": ("path", "disk_name"),
    "dictionaries": ("origin", "source", "last_exception"),
}
"""Of tables of the engine that tools read when they browse: what would tell where the store lies."""

HIDDEN_EVERYWHERE = frozenset(("_disk_name",))
"""Virtual columns of every table that would tell the same."""

SYSTEM_TABLES = frozenset(HIDDEN_COLUMNS) | _words(
    "aggregate_function_combinators collations columns data_skipping_indices data_type_families formats functions "
    "keywords numbers numbers_mt one projections settings table_engines table_functions time_zones zeros zeros_mt"
)
"""What the engine tells of tables, columns and its own words: no paths, hosts, users, nor what others ask."""

HIDDEN_TABLES = frozenset(("api_keys",))
"""Tables of the store that readers have no business with."""

SYNTAX = _words(
    "select distinct on as from join using where prewhere having qualify and or not xor in by sets rollup cube over filter "
    "window partition order group limit offset with recursive materialized union all except intersect any some exists case "
    "when then else end between like ilike is null interval array columns replace apply asc desc values view explain "
    "describe table settings fill to step staleness interpolate within global semi anti asof left right full inner outer "
    "cross lateral paste final sample top first last rows range groups div mod grouping cast extract trim substring substr "
    "position date timestamp tuple if char ignore respect nulls ties fetch next row only strict default regexp rlike"
)
"""Words that may stand before a parenthesis without being called."""

TYPES = _words(
    "array tuple map nullable lowcardinality fixedstring decimal decimal32 decimal64 decimal128 decimal256 datetime datetime32 "
    "datetime64 time time64 enum enum8 enum16 nested variant dynamic json aggregatefunction simpleaggregatefunction string "
    "varchar char text double float"
)
"""Types that are written with parentheses."""

_COMBINATORS = (
    "SimpleState|State|Merge|If|Array|ForEach|Distinct|OrDefault|OrNull|Resample|Map|ArgMin|ArgMax|Null|Tuple"
)
_COMBINED = re.compile(rf"(.+?)(?:{_COMBINATORS})$", re.IGNORECASE)


@cache
def allowed_functions() -> dict[str, str]:
    """Their names by the same in lower case: what allowed_functions.txt lists and what the store itself defines."""
    lines = (SQL_DIR / "allowed_functions.txt").read_text(encoding="utf-8").splitlines()
    listed = [name for line in lines if not line.startswith("#") for name in line.split()]
    own = (re.search(r"CREATE FUNCTION IF NOT EXISTS (\w+)", file.text) for file in load_folder("functions"))
    return {name.lower(): name for name in [*listed, *(found[1] for found in own if found)]}


@cache
def parametrised_views() -> frozenset[str]:
    """Views of the store that are asked like a function: `balances_at(block = 5)`."""
    made = re.compile(r"CREATE (?:OR REPLACE )?VIEW (?:IF NOT EXISTS )?(\w+)")
    return frozenset(
        found[1].lower() for file in load_folder("migrations") if file.parameters and (found := made.search(file.text))
    )


@cache
def why_refused(name: str) -> str:
    """The reason why a function may not be called; empty where it is allowed or nobody knows it."""
    lower = name.lower()
    if lower in allowed_functions():
        return ""
    return next((reason for pattern, reason in _refused() if pattern.fullmatch(lower)), "")


def is_allowed(name: str) -> bool:
    """Whether a function, an aggregate with its combinators, or a view with parameters may be called."""
    lower = name.lower()
    if lower in TABLE_FUNCTIONS or lower in parametrised_views():
        return True
    while lower not in allowed_functions():
        if why_refused(lower) or not (combined := _COMBINED.fullmatch(lower)):
            return False
        lower = combined[1]
    return True


@cache
def _refused() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(re.escape(name.lower()).replace(r"\*", r"\w*")), reason)
        for reason, names in REFUSED.items()
        for name in names.split()
    )
