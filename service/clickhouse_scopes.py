"""Who may do what at the ClickHouse door: admin all that the engine can, analyst what the guard lets pass, others nothing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace

from chainsight.errors import TooManyQuestions, UsageError
from service.clickhouse_requests import Ask, Credentials
from service.keys import ApiKey, recognise
from service.limits import Buckets
from sql.door import Order
from sql.guard import require_question
from sql.limits import Gate, ReaderLimits, reader_settings
from sql.refusals import Refusal
from sql.statement_text import verb_of
from sql.store import Store

_SCOPES = ("analyst", "admin")
_DATABASE = "default"

# What the JDBC driver asks of system.tables, to tell whether a table is remote; where the files lie is not for readers.
_ASKED_BY_DRIVERS = re.compile(r"\bempty\(\s*t\.data_paths\s*\)", re.IGNORECASE)

# Settings of an analyst's request that change how an answer looks, never what it may cost or reach.
_FREE_PREFIXES = ("output_format_", "format_", "date_time_output_format")
_FREE = frozenset((
    "extremes", "join_use_nulls", "session_timezone", "use_client_time_zone", "prefer_column_name_to_alias", "final",
    "do_not_merge_across_partitions_select_final", "log_comment", "cast_keep_nullable", "decimal_check_overflow",
    "max_block_size", "aggregate_functions_null_for_empty", "transform_null_in", "limit", "offset",
    "union_default_mode", "any_join_distinct_right_table_keys", "low_cardinality_allow_in_native_format",
    "count_distinct_implementation", "allow_experimental_analyzer", "enable_analyzer", "result_overflow_mode",
))  # fmt: skip
_FILES = ("output_format_schema", "format_schema", "format_template")  # these name files
# What may be made smaller, and is ignored where it would be larger.
_LOWERED = frozenset(("max_execution_time", "max_result_rows", "max_result_bytes", "max_rows_to_read", "max_threads",
                      "max_memory_usage"))  # fmt: skip
_IGNORED = frozenset(("readonly", "timeout_overflow_mode", "read_overflow_mode", "async_insert", "wait_for_async_insert",
                      "insert_deduplicate", "mutations_sync", "insert_deduplication_token", "network_compression_method",
                      "max_insert_block_size", "input_format_skip_unknown_fields"))  # fmt: skip


def admit(store: Store, credentials: Credentials | None, buckets: Buckets) -> ApiKey:
    """The key that asks; raises `Refusal`: 194 without any, 516 for one that does not hold, 497 for another scope."""
    if credentials is None:
        raise Refusal(194, "REQUIRED_PASSWORD", "A password is wanted: the API key, with any user name.")
    key = recognise(store, credentials.key)
    if key is None or key.state(dt.datetime.now(dt.UTC)) != "valid":
        raise Refusal(
            516,
            "AUTHENTICATION_FAILED",
            f"{credentials.user[:60]!r}: Authentication failed: password is incorrect, or there is no user with such "
            "name. The password is an API key that holds; the user name is free.",
        )
    if key.scope not in _SCOPES:
        raise Refusal(
            497,
            "ACCESS_DENIED",
            f"{key.prefix}: Not enough privileges. The key is of scope {key.scope}; this door wants analyst or admin.",
        )
    # Programs with an admin key do whole pipelines through this door; people with an analyst's do not.
    if key.scope != "admin" and not (allowance := buckets.take(key.prefix)).granted:
        raise Refusal(
            201,
            "QUOTA_EXCEEDED",
            f"Quota for key {key.prefix} has been exceeded: {buckets.limit.requests} requests in "
            f"{buckets.limit.seconds:g} seconds. Try again in {allowance.seconds} seconds.",
        )
    return key


def guarded(order: Order, ask: Ask, key: ApiKey, limits: ReaderLimits) -> Order:
    """The order as this key may give it; raises `Refusal` with the reason."""
    if key.scope == "admin":
        return order
    if order.rows is not None or verb_of(order.text) in {"INSERT", "SET", "USE"}:
        raise Refusal(497, "ACCESS_DENIED", f"{key.prefix}: Not enough privileges: keys of scope analyst only ask.")
    if ask.database not in {"", _DATABASE}:
        raise Refusal(
            497, "ACCESS_DENIED", f"{key.prefix}: Not enough privileges: analysts ask the database {_DATABASE}."
        )
    try:
        text = require_question(_ASKED_BY_DRIVERS.sub("0", order.text))
    except UsageError as error:
        raise Refusal(497, "ACCESS_DENIED", f"{key.prefix}: Not enough privileges. {error}") from error
    return replace(order, text=text, settings=_reader_settings(ask.settings, limits))


def pass_gate(gate: Gate, key: ApiKey, held: ExitStack) -> None:
    """Count a question of an analyst until `held` is closed; raises `Refusal` 202 when too many run."""
    if key.scope == "admin":
        return
    try:
        held.enter_context(gate.passing(key.prefix))
    except TooManyQuestions as error:
        raise Refusal(202, "TOO_MANY_SIMULTANEOUS_QUERIES", str(error)) from error


def _reader_settings(wanted: Mapping[str, str], limits: ReaderLimits) -> dict[str, str]:
    """What was wanted as far as it is free, then the limits; raises `Refusal` 164 for any other setting."""
    ours = {name: str(value) for name, value in reader_settings(limits).items()}
    free: dict[str, str] = {}
    for name, value in wanted.items():
        if name in _LOWERED:
            if value.isdecimal() and int(value) > 0 and (int(value) < int(ours.get(name, "0")) or name not in ours):
                ours[name] = value
        elif name in _FREE or (name.startswith(_FREE_PREFIXES) and not name.startswith(_FILES)):
            free[name] = value
        elif name not in _IGNORED:
            raise Refusal(164, "READONLY", f"Cannot modify {name[:80]!r} setting in readonly mode.")
    overflow = free.pop("result_overflow_mode", "throw")
    if overflow == "break":
        ours["result_overflow_mode"] = overflow
    return free | ours
