"""The ClickHouse door as programs see it that build their own requests: curl, Grafana, Superset's probes."""

import gzip
import json
import re
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import lz4.frame
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from service.clickhouse_blocks import BlockReader, pack_blocks


def ask(door, query="", *, key=None, body=None, method="POST", headers=None, **parameters):
    if query:
        parameters["query"] = query
    credentials = {"X-ClickHouse-User": "anybody", "X-ClickHouse-Key": door.analyst if key is None else key}
    sent = {"Accept-Encoding": "identity", **credentials, **(headers or {})}
    return httpx.request(method, door.url, params=parameters, content=body, headers=sent, timeout=60)


def refusal(answer):
    code = int(answer.headers["X-ClickHouse-Exception-Code"])
    name = re.search(r"\(([A-Z_]+)\) \(version [\d.]+\)\n$", answer.text)[1]
    assert answer.text.startswith(f"Code: {code}. DB::Exception: ")
    return answer.status_code, code, name


def test_it_is_alive_for_health_checks_and_says_so_without_a_key(clickhouse):
    for path in ("ping", "replicas_status", ""):
        answer = httpx.get(clickhouse.url + path)
        assert (answer.status_code, answer.text) == (200, "Ok.\n")
    nowhere = httpx.get(clickhouse.url + "play")
    assert nowhere.status_code == 404
    assert "There is no handle /play" in nowhere.text


def test_user_and_password_are_taken_wherever_clients_put_them(clickhouse):
    key, url, query = clickhouse.analyst, clickhouse.url, {"query": "SELECT 1"}
    answers = [
        httpx.get(url, params=query, auth=("grafana", key)),
        httpx.get(url, params=query, headers={"X-ClickHouse-User": "default", "X-ClickHouse-Key": key}),
        httpx.get(url, params={**query, "user": "default", "password": key}),
        httpx.get(url, params=query, headers={"Authorization": f"Bearer {key}"}),
    ]
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "1\n")] * 4


def test_who_may_not_enter_is_told_with_clickhouses_own_codes(clickhouse):
    unknown = httpx.get(clickhouse.url, params={"query": "SELECT 1"}, auth=("default", "wrong"))
    assert refusal(unknown) == (403, 516, "AUTHENTICATION_FAILED")
    nobody = httpx.get(clickhouse.url, params={"query": "SELECT 1"})
    assert refusal(nobody) == (401, 194, "REQUIRED_PASSWORD")
    assert nobody.headers["WWW-Authenticate"].startswith("Basic")
    odd = httpx.get(clickhouse.url, params={"query": "SELECT 1"}, headers={"Authorization": "Basic %%%"})
    assert refusal(odd) == (403, 516, "AUTHENTICATION_FAILED")
    other = ask(clickhouse, "SELECT 1", key=clickhouse.risk)
    assert refusal(other) == (403, 497, "ACCESS_DENIED")
    assert "scope risk" in other.text


def test_an_answer_comes_in_the_format_that_was_asked_for_and_says_which(clickhouse):
    query = "SELECT toUInt8(number) AS n, toString(number) AS s FROM numbers(2)"
    table = {"n": [0, 1], "s": ["0", "1"]}
    texts = {
        "TabSeparatedWithNamesAndTypes": ("text/tab-separated-values", "n\ts\nUInt8\tString\n0\t0\n1\t1\n"),
        "CSVWithNames": ("text/csv", '"n","s"\n0,"0"\n1,"1"\n'),
        "JSONEachRow": ("application/x-ndjson", '{"n":0,"s":"0"}\n{"n":1,"s":"1"}\n'),
        "RowBinary": ("application/octet-stream", "\x00\x010\x01\x011"),
        "Native": ("application/octet-stream", "\x02\x02\x01n\x05UInt8\x00\x01\x01s\x06String\x010\x011"),
    }
    for form, (kind, text) in texts.items():
        by_clause, by_default = ask(clickhouse, f"{query} FORMAT {form}"), ask(clickhouse, query, default_format=form)
        by_header = ask(clickhouse, query, headers={"X-ClickHouse-Format": form})
        assert [answer.text for answer in (by_clause, by_default, by_header)] == [text] * 3
        assert by_clause.headers["X-ClickHouse-Format"] == form
        assert by_clause.headers["Content-Type"].startswith(kind)
    assert pq.read_table(pa.BufferReader(ask(clickhouse, f"{query} FORMAT Parquet").content)).to_pydict() == table
    assert pa.ipc.open_stream(ask(clickhouse, f"{query} FORMAT ArrowStream").content).read_all().to_pydict() == table
    assert pa.ipc.open_file(ask(clickhouse, f"{query} FORMAT Arrow").content).read_all().to_pydict() == table
    assert "│ 1 │" in ask(clickhouse, f"{query} FORMAT PrettyCompactMonoBlock").text.replace("1. ", "")
    assert refusal(ask(clickhouse, f"{query} FORMAT Nonsense")) == (404, 73, "UNKNOWN_FORMAT")
    compact = ask(clickhouse, f"{query} FORMAT JSONCompact").json()
    assert (compact["data"], compact["rows"]) == ([[0, "0"], [1, "1"]], 2)


def test_the_headers_tell_what_was_done(clickhouse):
    answer = ask(clickhouse, "SELECT count() FROM scores", query_id="mine-1")
    summary = json.loads(answer.headers["X-ClickHouse-Summary"])
    assert (answer.text, int(summary["read_rows"]) >= 2, summary["result_rows"]) == ("2\n", True, "1")
    assert answer.headers["X-ClickHouse-Query-Id"] == "mine-1"
    assert answer.headers["X-ClickHouse-Server-Display-Name"] == "chainsight"
    assert answer.headers["X-ClickHouse-Timezone"]
    unnamed = [ask(clickhouse, "SELECT 1").headers["X-ClickHouse-Query-Id"] for _ in range(2)]
    assert len({*unnamed, ""}) == 3


def test_parameters_and_settings_come_in_the_address(clickhouse):
    answer = ask(
        clickhouse, "SELECT {a:String} AS a, {b:Array(UInt8)} AS b, {c:Nullable(String)} AS c FORMAT JSONEachRow",
        param_a="O'Brien\\t\\\\ 🦄", param_b="[1,2]", param_c="\\N",
    )  # fmt: skip
    assert answer.json() == {"a": "O'Brien\t\\ 🦄", "b": [1, 2], "c": None}
    assert refusal(ask(clickhouse, "SELECT {a:UInt8}", param_a="x"))[1:] == (457, "BAD_QUERY_PARAMETER")
    assert refusal(ask(clickhouse, "SELECT {a:UInt8}"))[1:] == (456, "UNKNOWN_QUERY_PARAMETER")
    quoted = ask(clickhouse, "SELECT toInt64(1) AS a FORMAT JSONEachRow", output_format_json_quote_64bit_integers="1")
    assert quoted.text == '{"a":"1"}\n'
    forced = ask(clickhouse, "SELECT 1", max_memory_usage="99999999999999", readonly="0", max_execution_time="1")
    assert forced.text == "1\n"
    assert refusal(ask(clickhouse, "SELECT 1", allow_ddl="1"))[1:] == (164, "READONLY")
    assert refusal(ask(clickhouse, "SELECT 1", key=clickhouse.admin, nosuch="1")) == (404, 115, "UNKNOWN_SETTING")


def test_errors_have_clickhouses_codes_names_and_statuses(clickhouse):
    for query, expected in {
        "SELECT * FROM nosuch": (404, 60, "UNKNOWN_TABLE"),
        "SELECT nosuch FROM scores": (404, 47, "UNKNOWN_IDENTIFIER"),
        "SELECT throwIf(1)": (500, 395, "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"),
        "SELECT 1; SELECT 2": (400, 62, "SYNTAX_ERROR"),
    }.items():
        assert refusal(ask(clickhouse, query, key=clickhouse.admin)) == expected
    wrong = ask(clickhouse, "SELECT 1 FROM", key=clickhouse.admin)
    assert refusal(wrong) == (400, 62, "SYNTAX_ERROR")
    assert not {"/dev/fd", "OUTFILE '"} & set(re.findall(r"/dev/fd|OUTFILE '", wrong.text))


def test_an_analyst_only_asks_and_a_link_changes_nothing_even_for_an_admin(clickhouse):
    for query in (
        "DROP TABLE scores",
        "INSERT INTO tokens (chain_id) FORMAT CSV 1",
        "KILL QUERY WHERE 1",
        "SET final = 0",
        "SELECT * FROM file('/etc/passwd')",
        "SELECT * FROM api_keys",
        "CREATE TEMPORARY TABLE t (a UInt8)",
    ):
        assert refusal(ask(clickhouse, query))[:2] == (403, 497)
    assert refusal(ask(clickhouse, "SELECT 1", database="system")) == (403, 497, "ACCESS_DENIED")
    by_link = ask(clickhouse, "DROP TABLE scores", key=clickhouse.admin, method="GET")
    assert refusal(by_link) == (403, 164, "READONLY")
    assert ask(clickhouse, "SELECT count() FROM scores").text == "2\n"


def test_rows_of_an_insert_follow_in_the_address_or_the_body_in_any_packing(clickhouse):
    rows = b"".join(b'{"a":%d}\n' % number for number in range(1000))
    do = {"key": clickhouse.admin}
    ask(clickhouse, "CREATE TABLE taken (a UInt64) ENGINE = MergeTree ORDER BY a", **do)
    query = "INSERT INTO taken (a) SETTINGS max_threads = 1 FORMAT JSONEachRow"
    for body, extra in (
        (rows, {}),
        (gzip.compress(rows), {"headers": {"Content-Encoding": "gzip"}}),
        (zstandard.compress(rows), {"headers": {"Content-Encoding": "zstd"}}),
        (lz4.frame.compress(rows), {"headers": {"Content-Encoding": "lz4"}}),
        (pack_blocks(rows), {"decompress": "1"}),
    ):
        answer = ask(clickhouse, query, body=body, **do, **extra)
        assert (answer.status_code, json.loads(answer.headers["X-ClickHouse-Summary"])["written_rows"]) == (200, "1000")
    assert ask(clickhouse, body=query.encode() + b"\n" + rows, **do).status_code == 200
    assert ask(clickhouse, "INSERT INTO taken VALUES", body=b"(1),(2)", **do).status_code == 200
    assert (
        ask(clickhouse, "INSERT INTO taken FORMAT RowBinary", body=(7).to_bytes(8, "little"), **do).status_code == 200
    )
    assert ask(clickhouse, "SELECT count() FROM taken", **do).text == "6003\n"
    bad = ask(clickhouse, "INSERT INTO taken FORMAT JSONEachRow", body=b'{"a":1}\n{"a":"x"}\n', **do)
    assert refusal(bad)[0] == 400
    assert ask(clickhouse, "SELECT count() FROM taken", **do).text == "6003\n"


def test_answers_are_packed_as_the_client_wants(clickhouse):
    query = "SELECT number FROM numbers(300000)"
    plain = ask(clickhouse, query).content
    zstd = zstandard.ZstdDecompressor().decompressobj()
    unpack = {"gzip": gzip.decompress, "lz4": lz4.frame.decompress, "zstd": zstd.decompress}
    for coding, open_up in unpack.items():
        with httpx.stream(
            "GET", clickhouse.url, params={"query": query, "enable_http_compression": "1"},
            headers={"Accept-Encoding": coding, "X-ClickHouse-Key": clickhouse.analyst}, timeout=60,
        ) as answer:  # fmt: skip
            assert answer.headers["Content-Encoding"] == coding
            assert open_up(b"".join(answer.iter_raw())) == plain
    blocks = BlockReader()
    assert b"".join(blocks.feed(ask(clickhouse, query, compress="1").content)) == plain
    blocks.finish()
    assert "Content-Encoding" not in ask(clickhouse, query, headers={"Accept-Encoding": "gzip"}).headers


def test_a_session_keeps_its_temporary_tables_and_answers_one_statement_at_a_time(clickhouse):
    do = {"key": clickhouse.admin, "session_id": "mine", "session_timeout": "60"}
    assert refusal(ask(clickhouse, "SELECT 1", **do, session_check="1"))[1:] == (372, "SESSION_NOT_FOUND")
    assert ask(clickhouse, "CREATE TEMPORARY TABLE mine (a UInt8)", **do).status_code == 200
    assert ask(clickhouse, "INSERT INTO mine VALUES (7)", **do).status_code == 200
    assert ask(clickhouse, "SELECT a FROM mine", **do, session_check="1").text == "7\n"
    assert refusal(ask(clickhouse, "SELECT a FROM mine", key=clickhouse.admin))[1] == 60
    assert refusal(ask(clickhouse, "SELECT a FROM mine", key=clickhouse.admin, session_id="other"))[1] == 60
    assert refusal(ask(clickhouse, "SELECT 1", key=clickhouse.admin, session_id="x", session_timeout="9999"))[1] == 374

    slow = threading.Thread(target=ask, args=(clickhouse, "SELECT sleep(1.5)"), kwargs=do)
    slow.start()
    time.sleep(0.5)
    assert refusal(ask(clickhouse, "SELECT 1", **do))[1:] == (373, "SESSION_IS_LOCKED")
    slow.join()
    assert ask(clickhouse, "SELECT a FROM mine", **do).text == "7\n"

    brief = do | {"session_id": "brief", "session_timeout": "1"}
    ask(clickhouse, "CREATE TEMPORARY TABLE mine (a UInt8)", **brief)
    time.sleep(1.5)
    assert refusal(ask(clickhouse, "SELECT a FROM mine", **brief, session_check="1"))[1] == 372


def test_settings_of_a_request_end_with_it_and_those_of_a_session_stay(clickhouse):
    do = {"key": clickhouse.admin, "session_id": "settled"}
    value = "SELECT getSetting('max_block_size'), getSetting('final')"
    before = ask(clickhouse, value, **do).text
    assert before.endswith("\ttrue\n")
    assert ask(clickhouse, value, **do, max_block_size="77", final="0").text == "77\tfalse\n"
    assert ask(clickhouse, value, **do).text == before
    ask(clickhouse, "SET max_block_size = 88", **do)
    assert ask(clickhouse, value, **do).text == "88\ttrue\n"


def leave_after_a_glance(door, question):
    headers = {"X-ClickHouse-Key": door.admin}
    with (
        suppress(httpx.ReadTimeout),
        httpx.stream("POST", door.url, content=question, headers=headers, timeout=0.7) as answer,
    ):
        next(answer.iter_raw())


def test_a_client_that_goes_away_ends_its_question(clickhouse):
    def running():
        return ask(
            clickhouse, "SELECT count() FROM system.processes WHERE query LIKE '%7777777777%' AND query NOT LIKE '%processes%'",
            key=clickhouse.admin,
        ).text  # fmt: skip

    # One that computes without a word, and one whose answer nobody reads.
    for question in ("SELECT count() FROM numbers(7777777777) WHERE NOT ignore(sipHash64(number))",
                     "SELECT number FROM numbers(7777777777)"):  # fmt: skip
        leave_after_a_glance(clickhouse, question)
        deadline = time.monotonic() + 10
        while running() != "0\n":
            assert time.monotonic() < deadline
            time.sleep(0.1)


def gather(answer, said):
    for piece in answer.iter_raw():
        said.extend(piece)


def test_an_answer_that_fails_half_way_cannot_be_taken_for_whole(clickhouse):
    query = "SELECT throwIf(number = 1500000), number FROM numbers(2000000)"
    with httpx.stream("POST", clickhouse.url, content=query, headers={"X-ClickHouse-Key": clickhouse.admin}) as answer:
        assert answer.status_code == 200
        said = bytearray()
        with pytest.raises(httpx.RemoteProtocolError):
            gather(answer, said)
        tag = answer.headers["X-ClickHouse-Exception-Tag"].encode()
    assert b"\r\n__exception__\r\n" + tag + b"\r\nCode: 395. DB::Exception: " in said
    whole = ask(clickhouse, query, key=clickhouse.admin, wait_end_of_query="1")
    assert refusal(whole) == (500, 395, "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO")


def test_what_dbeaver_asks_of_a_store_is_answered_at_the_door(clickhouse):
    text = (Path(__file__).parents[1] / "sql" / "questions" / "dbeaver.sql").read_text(encoding="utf-8")
    questions = [part.strip() for part in text.split("\n\n") if part.strip() and not part.startswith("--")]
    answers = [
        (ask(clickhouse, question, default_format="RowBinaryWithNamesAndTypes"), question) for question in questions
    ]
    assert [(question, answer.text) for answer, question in answers if answer.status_code != 200] == []


def test_an_analyst_asks_tables_that_an_admin_made_and_no_file_that_an_admin_read(clickhouse):
    admin = {"key": clickhouse.admin}
    ask(clickhouse, "CREATE TABLE made_by_admin (a UInt8) ENGINE = MergeTree ORDER BY a", **admin)
    assert ask(clickhouse, "SELECT count() FROM made_by_admin").text == "0\n"
    ask(clickhouse, "SELECT count() FROM `/etc/passwd`", **admin)
    for query, code in {
        "SELECT 1 IN (`/etc/passwd`)": 497,
        "SELECT 1 IN (api_keys)": 497,
        "SELECT 1 IN (system.processes)": 497,
        "SELECT count() FROM Makefile": 60,
        "DESCRIBE pyproject": 60,
        'SELECT * FROM {"x":Identifier}': 497,
    }.items():
        assert refusal(ask(clickhouse, query, param_x="api_keys"))[1] == code, query
    assert ask(clickhouse, "EXISTS Makefile").text == "0\n"


def test_what_grafana_and_superset_ask_before_anything_else_is_answered(clickhouse):
    version = ask(clickhouse, "SELECT version() FORMAT JSON").json()["data"][0]["version()"]
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", version)
    for query in (
        "SELECT 1",
        "SELECT version(), timezone()",
        "SELECT name FROM system.databases",
        "SHOW DATABASES",
        "SHOW TABLES",
        "SELECT name FROM system.tables WHERE database = 'default'",
        "SELECT name, type, comment FROM system.columns WHERE database = 'default' AND table = 'scores'",
        "DESCRIBE TABLE scores",
        "SELECT name FROM system.functions LIMIT 3",
        "SELECT name, value, changed, description, type, readonly FROM system.settings LIMIT 3",
    ):
        answer = ask(clickhouse, f"{query} FORMAT JSON")
        assert answer.status_code == 200, f"{query}: {answer.text}"
        assert answer.json()["rows"] > 0
