"""What must not break the ClickHouse door for others: damaged packing, bodies without end, slow clients, strange headers."""

import gzip
import re
import socket
import struct
import zlib

import httpx
import lz4.block
import pytest
import zstandard

from service.cityhash import cityhash128
from service.clickhouse_blocks import BlockReader, pack_blocks
from sql.refusals import Refusal, from_engine


@pytest.fixture
def ask(clickhouse):
    """POST as admin; after each test the door must still answer."""

    def ask_one(query, body=b"", key=clickhouse.admin, headers=None, **parameters):
        said = {"query": query, **parameters} if query else parameters
        sent = {"X-ClickHouse-Key": key, **(headers or {})}
        answer = httpx.post(clickhouse.url, params=said, content=body, headers=sent, timeout=60)
        return answer.status_code, int(answer.headers.get("X-ClickHouse-Exception-Code", 0)), answer.text

    yield ask_one
    assert ask_one("SELECT 42") == (200, 0, "42\n")


@pytest.fixture
def target(ask):
    ask("CREATE OR REPLACE TABLE hostile (s String) ENGINE = MergeTree ORDER BY s")
    yield "INSERT INTO hostile FORMAT LineAsString"
    assert ask("SELECT count() FROM hostile") == (200, 0, "0\n")


def test_a_damaged_packing_is_refused_and_nothing_of_it_is_kept(ask, target):
    rows = b"row\n" * 100_000
    for coding, body in {
        "gzip": gzip.compress(rows)[:-20],
        "deflate": zlib.compress(rows)[:-3],
        "zstd": zstandard.compress(rows)[:-4],
        "lz4": b"\x04\x22\x4d\x18 is no frame",
        "br": rows,
        "rubbish\x7f": rows,
    }.items():
        status, code, said = ask(target, body, headers={"Content-Encoding": coding})
        assert (status, code in {89, 271}) == (400, True), said


def test_a_damaged_block_of_clickhouses_own_is_refused_with_its_code(ask, target):
    good = pack_blocks(b"row\n" * 1000)
    flipped = good[:40] + bytes([good[40] ^ 1]) + good[41:]
    inside = lz4.block.compress(b"x" * 100, store_size=False)

    def block(method, size, plain_size):
        head = struct.pack("<BII", method, size, plain_size) + inside
        return cityhash128(head) + head

    right = len(inside) + 9
    for body, code in (
        (flipped, 40),
        (good[:-1], 271),
        (good[:7], 271),
        (block(0x82, right, 99), 271),
        (block(0x82, right, 2**31), 271),
        (block(0x82, 2**32 - 1, 100), 271),
        (block(0x82, 3, 100), 271),
        (block(0x17, right, 100), 89),
        (block(0x90, right, 100), 271),
    ):
        assert ask(target, body, decompress="1")[1] == code


def test_a_small_body_that_unpacks_to_gigabytes_is_stopped_for_a_reader(clickhouse, ask):
    bomb = gzip.compress(b"\0" * (64 << 20))
    status, code, said = ask("SELECT 1 --", bomb, key=clickhouse.analyst, headers={"Content-Encoding": "gzip"})
    assert (status, code) == (413, 307), said
    zstd = zstandard.compress(b"\0" * (64 << 20))
    assert ask("SELECT 1 --", zstd, key=clickhouse.analyst, headers={"Content-Encoding": "zstd"})[:2] == (413, 307)
    long = b"SELECT '" + b"x" * (2 << 20) + b"'"
    assert ask("", long, key=clickhouse.analyst)[:2] == (413, 307)
    assert ask("", b"SELECT '" + b"x" * (17 << 20) + b"'")[:2] == (413, 307)


def test_text_that_is_no_text_and_names_that_are_no_names_are_refused(clickhouse, ask):
    assert ask("", b"SELECT '\xff\xfe'")[:2] == (400, 62)
    assert ask("", b"")[:2] == (400, 62)
    assert ask("SELECT 1", default_format="'; DROP TABLE x")[:2] == (404, 73)
    assert ask("SELECT 1", **{"max_threads = 1, x": "1"})[:2] == (404, 115)
    assert ask("SELECT 1", database="no`such\\")[:2] == (404, 81)
    assert ask("SELECT 1", session_id="a\r\nX-Evil: 1")[:2] == (400, 36)
    assert ask("SELECT 1", query_id="a\r\nX-Evil: 1")[:2] == (400, 36)
    assert ask("SELECT 1", session_id="mine", session_timeout="-1")[1] == 374
    assert ask("SELECT 1 INTO OUTFILE '/tmp/x' FORMAT CSV")[1] == 348
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    assert ask("", b"no form", headers={"Content-Type": "multipart/form-data"})[:2] == (400, 36)
    assert ask("", b"--x\r\nno form", headers=form)[0] == 400
    table = b'--x\r\nContent-Disposition: form-data; name="t"; filename="t"\r\n\r\n1\r\n--x--\r\n'
    assert ask("SELECT * FROM t", table, headers=form)[:2] == (501, 48)
    odd = httpx.put(clickhouse.url, headers={"X-ClickHouse-Key": clickhouse.admin}, content=b"SELECT 1")
    assert (odd.status_code, odd.headers["X-ClickHouse-Exception-Code"]) == (501, "48")
    many = httpx.get(clickhouse.url, params=[("param_" + str(n), "1") for n in range(1100)], timeout=30)
    assert many.status_code in {400, 401}


def test_clients_that_stop_in_the_middle_harm_nobody(clickhouse, ask, target):
    head = (
        f"POST /?query={target.replace(' ', '+')} HTTP/1.1\r\nHost: x\r\nX-ClickHouse-Key: {clickhouse.admin}\r\n"
        "Content-Length: 1000000\r\n\r\n"
    ).encode()
    for sent in (head[:30], head, head + b"row\n" * 1000):
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", clickhouse.port)) as half:
                half.sendall(sent)
    # One takes the answer's first bytes and then nothing: others are served meanwhile.
    with socket.create_connection(("127.0.0.1", clickhouse.port)) as lazy:
        query = "SELECT+number,+repeat('x',1000)+FROM+numbers(1000000)"
        lazy.sendall(
            f"GET /?query={query} HTTP/1.1\r\nHost: x\r\nX-ClickHouse-Key: {clickhouse.admin}\r\n\r\n".encode()
        )
        assert lazy.recv(15) == b"HTTP/1.1 200 OK"
        assert [ask("SELECT 1")[2] for _ in range(5)] == ["1\n"] * 5


def test_the_checksum_is_the_one_of_cityhash_1_0_2():
    # From Google's own code of that version, of blocks on both sides of each of its cases.
    known = {
        b"abcdefgh": 100539791966428970136508545725971367476,
        b"0123456789abcdef": 262100040054819013966032710538504887884,
        b"x" * 17: 134408107669647553080374721698006723502,
        bytes(range(64)): 175258847404722932149631203140069375778,
        bytes(range(127)): 147029938072150206447740045894254765848,
        bytes(range(256)) * 3 + b"tail": 114275929095524297264034251970222845312,
        b"z" * 100_000: 32635896765359667499780193111717235097,
    }
    for block, number in known.items():
        found = cityhash128(block)
        assert int.from_bytes(found[8:] + found[:8], "little") == number


def test_blocks_come_apart_wherever_the_network_cuts_them():
    plain = bytes(range(256)) * 5000
    packed = pack_blocks(plain)
    reader = BlockReader()
    assert b"".join(piece for at in range(0, len(packed), 997) for piece in reader.feed(packed[at : at + 997])) == plain
    reader.finish()
    assert pack_blocks(b"") == b""


def test_what_the_engine_says_keeps_its_number_name_and_words():
    once = "Code: 73. DB::Exception: Unknown format X. (UNKNOWN_FORMAT) (version 26.9.2.1)"
    refusal = from_engine(f"Code: 73. DB::Exception: {once}. (UNKNOWN_FORMAT)")
    assert (refusal.code, refusal.name) == (73, "UNKNOWN_FORMAT")
    assert re.fullmatch(r"Unknown format X\.?", refusal.said)
    assert isinstance(from_engine("something else"), Refusal)
    assert from_engine("something else").code == 1002
