"""How an analyst may have answers look: every format and every setting of formats that the engine has is decided."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from service.clickhouse_looks import FORMATS, FREE, REFUSED_FORMATS, REFUSED_SETTINGS
from service.clickhouse_scopes import reader_settings_of
from sql.limits import BLOCK_ROWS, ReaderLimits
from sql.store import Store, open_store
from tests.service.conftest import ClickHouseDoor


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An engine without tables."""
    opened = open_store(f"chdb://{tmp_path_factory.mktemp('engine')}/store")
    yield opened
    opened.close()


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """An address inside the network, and what was sent there."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.path)
            self.send_error(500)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/registry", heard
    server.shutdown()
    server.server_close()


def test_every_format_of_the_engine_is_allowed_or_refused_with_a_reason(engine: Store) -> None:
    names = engine.query("SELECT name FROM system.formats WHERE is_output").to_pydict()["name"]
    refused = {name.lower() for listed in REFUSED_FORMATS.values() for name in listed.split()}
    assert [name for name in names if (name.lower() in FORMATS) == (name.lower() in refused)] == []
    assert {name.lower() for name in names} >= FORMATS


def test_every_setting_of_formats_is_free_or_refused_with_a_reason(engine: Store) -> None:
    names = set(engine.query("SELECT name FROM system.settings").to_pydict()["name"])
    of_formats = [name for name in names if re.match("format|output_format|date_time", name)]
    patterns = [re.compile(name.replace("*", ".*")) for listed in REFUSED_SETTINGS.values() for name in listed.split()]
    refused = {name for name in of_formats if any(pattern.fullmatch(name) for pattern in patterns)}
    assert [name for name in of_formats if (name in FREE) == (name in refused)] == []
    assert names >= FREE


def test_no_key_of_an_analyst_makes_the_server_ask_an_address_inside_its_network(
    clickhouse: ClickHouseDoor, listener: tuple[str, list[str]]
) -> None:
    url, heard = listener
    settings = {"format_avro_schema_registry_url": url, "output_format_avro_confluent_subject": "s"}
    credentials = {"X-ClickHouse-User": "x", "X-ClickHouse-Key": clickhouse.analyst}
    asked: tuple[tuple[str, dict[str, str], str], ...] = (
        ("SELECT 1 AS a FORMAT AvroConfluent", settings, "73"),
        ("SELECT 1 AS a FORMAT JSON", settings, "164"),
        ("SELECT 1", {"default_format": "avroconfluent"}, "73"),
        ("SELECT 1", {"default_format": "Template"}, "73"),
        ("SELECT 1 FORMAT MySQLWire", {}, "73"),
    )
    for query, sent, code in asked:
        answer = httpx.post(clickhouse.url, params=sent, content=query, headers=credentials, timeout=30)
        assert answer.headers["X-ClickHouse-Exception-Code"] == code, query
    assert heard == []


def test_a_request_makes_its_limits_smaller_and_never_larger() -> None:
    asked = {"max_threads": "100000", "max_block_size": "4000000000", "max_execution_time": "0", "enable_analyzer": "0"}
    held = reader_settings_of(asked, ReaderLimits(seconds=5))
    assert (held["max_block_size"], held["max_execution_time"]) == (str(BLOCK_ROWS), "5")
    assert 0 < int(held["max_threads"]) < 100_000
    assert "enable_analyzer" not in held
    smaller = reader_settings_of({"max_threads": "1", "max_block_size": "10"}, ReaderLimits())
    assert (smaller["max_threads"], smaller["max_block_size"]) == ("1", "10")
