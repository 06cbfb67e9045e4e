"""What a reader's question may cost: settings the database enforces, and how many of one key's may run at once.

The embedded store ends a question between two blocks of rows, not inside one: a function that works for minutes on a
single row cannot be stopped. So guard.py refuses functions whose cost grows faster than what they are given, the limit on
memory bounds what they can be given, and blocks are no larger than the engine makes them by itself.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chainsight.errors import TooManyQuestions
from chainsight.settings import Settings

_MB = 1 << 20
BLOCK_ROWS = 65_409
"""The engine's own default."""


@dataclass(frozen=True)
class ReaderLimits:
    """What one question may cost, and how many may run at once."""

    seconds: int = 60
    memory_mb: int = 2_048
    result_rows: int = 1_000_000
    result_mb: int = 256
    read_rows: int = 2_000_000_000
    threads: int = 0
    """0: one per core."""
    at_once: int = 4
    """Of one key."""
    at_once_of_all: int = 16
    """Of all keys together; the embedded store shares its process with the service."""

    @classmethod
    def of(cls, settings: Settings) -> ReaderLimits:
        """The limits that CHAINSIGHT_QUERY_… set."""
        return cls(
            seconds=settings.query_seconds,
            memory_mb=settings.query_memory_mb,
            result_rows=settings.query_result_rows,
            result_mb=settings.query_result_mb,
            read_rows=settings.query_read_rows,
            threads=settings.threads,
            at_once=settings.query_at_once,
            at_once_of_all=settings.query_at_once_of_all,
        )


def reader_settings(limits: ReaderLimits) -> dict[str, int | str]:
    """Settings of a session that only reads, to be set in this order: the last one forbids to set any other.

    They come on top of those of every session (`final = 1`). With `readonly = 1` a question's own SETTINGS are an
    error of the database, so parameters are passed beside the text and formats by name.
    """
    return {
        "max_threads": limits.threads or os.cpu_count() or 1,
        "max_block_size": BLOCK_ROWS,
        "max_execution_time": limits.seconds,
        "timeout_overflow_mode": "throw",
        "timeout_before_checking_execution_speed": 0,
        "max_memory_usage": limits.memory_mb * _MB,
        # What does not fit into memory is refused, not spilled: a full disk would stop the ingest beside it.
        "max_bytes_before_external_group_by": 0,
        "max_bytes_ratio_before_external_group_by": 0,
        "max_bytes_before_external_sort": 0,
        "max_bytes_ratio_before_external_sort": 0,
        "max_temporary_data_on_disk_size_for_query": 1,
        "max_result_rows": limits.result_rows,
        "max_result_bytes": limits.result_mb * _MB,
        "result_overflow_mode": "throw",
        "max_rows_to_read": limits.read_rows,
        "read_overflow_mode": "throw",
        "max_query_size": 256 * 1024,
        "max_parser_depth": 500,
        "max_ast_depth": 300,
        "max_ast_elements": 20_000,
        "max_expanded_ast_elements": 100_000,
        "max_subquery_depth": 50,
        "max_recursive_cte_evaluation_depth": 1_000,
        "max_columns_to_read": 1_000,
        "max_hyperscan_regexp_length": 1_000,
        "max_hyperscan_regexp_total_length": 5_000,
        "allow_ddl": 0,
        "allow_introspection_functions": 0,
        "implicit_select": 0,
        "readonly": 1,
    }


class Gate:
    """Counts the questions that run; threads may pass at the same time. It lives in this process, as they do."""

    def __init__(self, limits: ReaderLimits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()

    @contextmanager
    def passing(self, key: str) -> Iterator[None]:
        """Count one question of `key` while it runs; raises `TooManyQuestions` when there is no room for it."""
        with self._lock:
            if self._running[key] >= self._limits.at_once:
                raise TooManyQuestions(self._running[key], "of this key")
            if self._running.total() >= self._limits.at_once_of_all:
                raise TooManyQuestions(self._running.total(), "of all keys")
            self._running[key] += 1
        try:
            yield
        finally:
            with self._lock:
                self._running[key] -= 1
                if not self._running[key]:
                    del self._running[key]

    def running(self, key: str) -> int:
        """How many questions of `key` run now."""
        with self._lock:
            return self._running[key]
