"""Who may do what at the ClickHouse door: admin all that the engine can, analyst what the guard lets pass, others nothing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace

from chainsight.errors import TooManyQuestions, UnknownName, UsageError
from service.clickhouse_looks import FORMATS, FREE
from service.clickhouse_requests import Ask, Credentials
from service.keys import ApiKey, recognise
from service.limits import Buckets
from sql.door import Order
from sql.guard import require_question
from sql.limits import Gate, ReaderLimits, reader_settings
from sql.reader import home_of
from sql.refusals import Refusal
from sql.statement_text import verb_of
from sql.store import Store

_SCOPES = ("analyst", "admin")
_DATABASE = "default"

# What the JDBC driver asks of system.tables, to tell whether a table is remote; where the files lie is not for readers.
_ASKED_BY_DRIVERS = re.compile(r"\bempty\(\s*t\.data_paths\s*\)", re.IGNORECASE)

# What may be made smaller, and is ignored where it would be larger.
_LOWERED = frozenset(("max_execution_time", "max_result_rows", "max_result_bytes", "max_rows_to_read", "max_threads",
                      "max_memory_usage", "max_block_size"))  # fmt: skip
# What clients send without being asked. The guard knows the names of one analyzer, so that one answers.
_IGNORED = frozenset(("enable_analyzer", "allow_experimental_analyzer",
                      "readonly", "timeout_overflow_mode", "read_overflow_mode", "async_insert", "wait_for_async_insert",
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


def guarded(order: Order, ask: Ask, key: ApiKey, limits: ReaderLimits, store: Store) -> Order:
    """The order as this key may give it; raises `Refusal` with the reason. `store` says which tables there are."""
    if key.scope == "admin":
        return order
    if order.rows is not None or verb_of(order.text) in {"INSERT", "SET", "USE"}:
        raise Refusal(497, "ACCESS_DENIED", f"{key.prefix}: Not enough privileges: keys of scope analyst only ask.")
    if ask.database not in {"", _DATABASE}:
        raise Refusal(
            497, "ACCESS_DENIED", f"{key.prefix}: Not enough privileges: analysts ask the database {_DATABASE}."
        )
    try:
        text = require_question(_ASKED_BY_DRIVERS.sub("0", order.text), home_of(store))
    except UnknownName as error:
        raise Refusal(60, "UNKNOWN_TABLE", str(error)) from error
    except UsageError as error:
        raise Refusal(497, "ACCESS_DENIED", f"{key.prefix}: Not enough privileges. {error}") from error
    if order.form.lower() not in FORMATS:
        raise Refusal(73, "UNKNOWN_FORMAT", f"Unknown format {order.form}, or not one that analysts may ask for.")
    return replace(order, text=text, settings=reader_settings_of(ask.settings, limits))


def pass_gate(gate: Gate, key: ApiKey, held: ExitStack) -> None:
    """Count a question of an analyst until `held` is closed; raises `Refusal` 202 when too many run."""
    if key.scope == "admin":
        return
    try:
        held.enter_context(gate.passing(key.prefix))
    except TooManyQuestions as error:
        raise Refusal(202, "TOO_MANY_SIMULTANEOUS_QUERIES", str(error)) from error


def reader_settings_of(wanted: Mapping[str, str], limits: ReaderLimits) -> dict[str, str]:
    """What was wanted as far as it is free, then the limits; raises `Refusal` 164 for any other setting."""
    ours = {name: str(value) for name, value in reader_settings(limits).items()}
    free: dict[str, str] = {}
    for name, value in wanted.items():
        if name in _LOWERED:
            if value.isdecimal() and int(value) > 0 and (int(value) < int(ours.get(name, "0")) or name not in ours):
                ours[name] = value
        elif name in FREE:
            free[name] = value
        elif name not in _IGNORED:
            raise Refusal(164, "READONLY", f"Cannot modify {name[:80]!r} setting in readonly mode.")
    overflow = free.pop("result_overflow_mode", "throw")
    if overflow == "break":
        ours["result_overflow_mode"] = overflow
    return free | ours
