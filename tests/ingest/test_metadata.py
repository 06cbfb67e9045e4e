"""Token contracts that say anything they like, asked on a real node: kept as stated, shown cleaned, marked where odd."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from chainsight.errors import NodeRefused, WrongChain
from demo.node import Node
from ingest.metadata import learn_tokens
from ingest.token_text import clean_text, looks_like, read_text, skeleton
from sql.store import Store
from tests.fixtures.anvil import started_node
from tests.fixtures.tokens import (
    DECIMALS,
    ERC721,
    ERC1155,
    NAME,
    SUPPLY,
    SUPPORTS,
    SYMBOL,
    answering,
    deployed,
    text,
    word,
)

CHAIN = 31337


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with started_node() as started:
        yield started


def learn(store: Store, node: Node, *contracts: bytes) -> dict[bytes, dict[str, Any]]:
    """The rows of `tokens` after these contracts moved tokens and were asked."""
    count, head = len(contracts), int(node.call("eth_blockNumber"), 16)
    store.insert(
        "transfers",
        pa.table(
            {
                "chain_id": pa.array([CHAIN] * count, pa.uint64()),
                "block_number": pa.array([1] * count, pa.uint64()),
                "kind": ["erc20"] * count,
                "position": pa.array(range(count), pa.uint32()),
                "token_address": pa.array(contracts, pa.binary(20)),
                "version": pa.array([1] * count, pa.uint64()),
            }
        ),
    )
    learn_tokens(store, node.url, chain_id=CHAIN, block=head)
    rows = store.query("SELECT * FROM tokens WHERE source = 'contract'").to_pylist()
    return {row["token_address"]: row for row in rows}


def test_an_honest_token_is_read_whole_and_asked_once(store: Store, node: Node) -> None:
    token = deployed(
        node,
        answering({NAME: text(b"Plain Token"), SYMBOL: text(b"PLN"), DECIMALS: word(6), SUPPLY: word(2**256 - 1)}),
    )
    row = learn(store, node, token)[token]
    assert (row["symbol"], row["name"], row["decimals"], row["standard"]) == ("PLN", "Plain Token", 6, "erc20")
    assert int.from_bytes(row["total_supply"], "little") == 2**256 - 1
    assert (row["flags"], row["imitates"], row["symbol_bytes"], row["source"]) == ([], "", 3, "contract")
    assert learn_tokens(store, node.url, chain_id=CHAIN, block=row["as_of_block"]).asked == 0


def test_old_symbols_of_32_bytes_are_texts(store: Store, node: Node) -> None:
    old = {NAME: b"Maker".ljust(32, b"\0"), SYMBOL: b"MKX".ljust(32, b"\0"), DECIMALS: word(18)}
    token = deployed(node, answering(old))
    row = learn(store, node, token)[token]
    assert (row["symbol"], row["name"], row["flags"]) == ("MKX", "Maker", ["bytes32"])


def test_a_name_of_a_megabyte_is_cut_and_its_length_stated(store: Store, node: Node) -> None:
    # MSTORE(0, 32), MSTORE(32, 1 MiB), MSTORE(64, "AAAA…"), RETURN(0, 1 MiB + 64)
    code = bytes.fromhex("60205f5262100000602052") + b"\x7f" + b"A" * 32 + bytes.fromhex("604052621000405ff3")
    token = deployed(node, answering({SYMBOL: text(b"BIG"), DECIMALS: word(18)}, code={NAME: code}))
    row = learn(store, node, token)[token]
    assert row["name_bytes"] == 1 << 20
    assert (row["name"], row["symbol"]) == ("A" * 32, "BIG")
    assert {"cut", "control_characters"} <= set(row["flags"])


def test_who_supports_what_is_asked_as_erc165_says(store: Store, node: Node) -> None:
    collection = deployed(node, answering({SYMBOL: text(b"CAT")}, interfaces=[SUPPORTS, ERC721]))
    items = deployed(node, answering({}, interfaces=[SUPPORTS, ERC1155]))
    yes_to_all = deployed(node, answering({SUPPORTS: word(1), DECIMALS: word(0)}))
    silent = deployed(node, b"\xfe")
    nothing = bytes([7]) * 20
    found = learn(store, node, collection, items, yes_to_all, silent, nothing)
    assert [found[token]["standard"] for token in (collection, items, yes_to_all, silent, nothing)] == [
        "erc721",
        "erc1155",
        "erc20",
        "unknown",
        "unknown",
    ]
    assert (found[silent]["flags"], found[nothing]["flags"]) == (["no_answer"], ["no_answer"])


def test_decimals_that_no_column_holds_are_unknown_and_marked(store: Store, node: Node) -> None:
    wide = deployed(node, answering({SYMBOL: text(b"W"), DECIMALS: word(256), SUPPLY: word(1)}))
    widest = deployed(node, answering({SYMBOL: text(b"W"), DECIMALS: word(255)}))
    none = deployed(node, answering({SYMBOL: text(b"W"), SUPPLY: word(1)}))
    short = deployed(node, answering({SYMBOL: text(b"W"), DECIMALS: b"\x12", SUPPLY: word(1)}))
    found = learn(store, node, wide, widest, none, short)
    assert [found[token]["decimals"] for token in (wide, widest, none, short)] == [None, 255, None, None]
    assert found[wide]["flags"] == ["decimals_out_of_range"]
    assert found[none]["flags"] == found[short]["flags"] == ["no_decimals"]


def test_forged_offsets_and_lengths_cost_nothing(store: Store, node: Node) -> None:
    tokens = [
        deployed(node, answering({SYMBOL: said, DECIMALS: word(18)}))
        for said in (
            text(b"FAR", at=2**256 - 1),
            text(b"LONG", length=2**256 - 1),
            text(b"", at=0),
            word(32),
            text(b"OK", length=2),
        )
    ]
    found = learn(store, node, *tokens)
    assert [found[token]["symbol_bytes"] > 0 for token in tokens] == [True, True, False, True, True]
    assert found[tokens[1]]["symbol"] == "LONG"
    assert "cut" in found[tokens[1]]["flags"]
    assert found[tokens[4]]["symbol"] == "OK"


def test_a_contract_that_never_ends_is_only_silent(store: Store, node: Node) -> None:
    forever = deployed(node, bytes.fromhex("5b5f56"))  # JUMPDEST, PUSH0, JUMP
    honest = deployed(node, answering({SYMBOL: text(b"PLN"), DECIMALS: word(6)}))
    found = learn(store, node, forever, honest)
    assert (found[forever]["flags"], found[honest]["symbol"]) == (["no_answer"], "PLN")


def test_words_of_a_contract_that_reverts_are_not_the_node_s(store: Store, node: Node) -> None:
    # Error(string) "rate limit exceeded": a node that says so would be left alone for a while.
    said = b"rate limit exceeded"
    error = bytes.fromhex("08c379a0") + text(said)
    copied = b"".join(
        b"\x7f" + error[at : at + 32].ljust(32, b"\0") + b"\x60" + bytes([at]) + b"\x52"
        for at in range(0, len(error), 32)
    )
    rude = deployed(
        node, answering({DECIMALS: word(1)}, code={SYMBOL: copied + b"\x60" + bytes([len(error)]) + b"\x5f\xfd"})
    )
    row = learn(store, node, rude)[rude]
    assert (row["symbol"], row["decimals"], row["flags"]) == ("", 1, ["no_symbol"])


def test_a_look_alike_of_a_listed_token_imitates_it_and_the_listed_one_does_not(store: Store, node: Node) -> None:
    def coin(symbol: str) -> bytes:
        return deployed(node, answering({SYMBOL: text(symbol.encode()), DECIMALS: word(6)}))

    listed, cyrillic, same, other = coin("USDT"), coin("USDТ"), coin("USDT"), coin("USDX")
    store.command(
        "INSERT INTO tokens (chain_id, token_address, symbol, name, decimals, source, version) "
        "SELECT 31337, unhex({token:String}), 'USDT', 'Tether', 6, 'list', 1",
        token=listed.hex(),
    )
    found = learn(store, node, listed, cyrillic, same, other)
    assert listed not in found  # the list has spoken
    assert [found[token]["imitates"] for token in (cyrillic, same, other)] == ["USDT", "USDT", ""]
    assert found[cyrillic]["flags"] == ["imitates", "mixed_scripts"]
    assert found[cyrillic]["symbol_raw"] == "0x" + "USDТ".encode().hex()


def test_a_node_without_the_block_is_named_and_nothing_is_recorded(store: Store, node: Node) -> None:
    token = deployed(node, answering({SYMBOL: text(b"PLN")}))
    learn(store, node, token)
    store.command("TRUNCATE TABLE tokens")
    with pytest.raises(NodeRefused, match=r"127\.0\.0\.1"):
        learn_tokens(store, node.url, chain_id=CHAIN, block=10**9)
    assert store.query("SELECT count() AS n FROM tokens").to_pylist() == [{"n": 0}]


def test_a_node_of_another_chain_is_named_and_nothing_is_recorded(store: Store, node: Node) -> None:
    store.command(
        "INSERT INTO transfers (chain_id, block_number, kind, position, token_address, version) "
        "SELECT 1, 1, 'erc20', 0, unhex(repeat('dd', 20)), 1"
    )
    with pytest.raises(WrongChain, match=r"127\.0\.0\.1.* is of chain 31337, not of chain 1\."):
        learn_tokens(store, node.url, chain_id=1, block=1)
    assert store.query("SELECT count() AS n FROM tokens").to_pylist() == [{"n": 0}]


def test_a_contract_that_said_nothing_is_asked_again_and_what_a_list_says_stays(store: Store, node: Node) -> None:
    late, listed = bytes([8]) * 20, bytes([9]) * 20
    assert learn(store, node, late, listed)[late]["flags"] == ["no_answer"]
    store.command(
        "INSERT INTO tokens SELECT * REPLACE ('list' AS source, 'LST' AS symbol, version + 1 AS version) FROM tokens "
        "WHERE token_address = unhex({token:String})",
        token=listed.hex(),
    )
    node.call("anvil_setCode", "0x" + late.hex(), "0x" + answering({SYMBOL: text(b"LATE"), DECIMALS: word(1)}).hex())
    node.call("evm_mine")
    found = learn(store, node, late, listed)
    assert (found[late]["symbol"], found[late]["flags"]) == ("LATE", [])
    assert listed not in found


@pytest.mark.parametrize(
    ("stated", "shown", "flags"),
    [
        (b"USD Coin", "USD Coin", set()),
        ("Ether\u202emoc".encode(), "Ethermoc", {"direction_characters"}),
        ("U\u200bS\u2060D\ufeff".encode(), "USD", {"invisible_characters"}),
        (b"A\x00B\x1b[31m\nC", "AB[31mC", {"control_characters"}),
        (b"caf\xe9", "caf\ufffd", {"invalid_utf8"}),
        ("Z\u0300\u0301\u0302\u0303\u0304a".encode(), "Z\u0300\u0301a", {"stacked_marks"}),
        (b"Visit https://gift.example to claim", "Visit https://gift.example to claim", {"url"}),
        (b"$ airdrop-eth.xyz", "$ airdrop-eth.xyz", {"url"}),
        (b"t.me/free", "t.me/free", {"url"}),
        (b"0xdeadbeef00", "0xdeadbeef00", {"address_in_text"}),
        ("\u3164\u2800".encode(), "", {"invisible_characters"}),
        ("狗狗币 🐕".encode(), "狗狗币 🐕", set()),
        ("Ωmega".encode(), "Ωmega", {"mixed_scripts"}),
        (b"  a \t  b ", "a b", {"control_characters"}),
        (b"x" * 300, "x" * 64, {"cut"}),
    ],
)
def test_what_is_shown_of_a_text(stated: bytes, shown: str, flags: set[str]) -> None:
    found, odd = clean_text(stated, most=64)
    assert (found, set(odd)) == (shown, flags)


@pytest.mark.parametrize("symbol", ["USDС", "ＵＳＤＣ", "𝐔𝐒𝐃𝐂", "UЅDС", "usdc", "U5DC", "ꓴꓢꓓꓚ", "Ｕ S D C"])
def test_many_ways_to_look_like_usdc(symbol: str) -> None:
    assert looks_like(symbol) == "USDC"


def test_a_symbol_of_its_own_looks_like_nothing_well_known() -> None:
    assert [looks_like(symbol) for symbol in ("USDCX", "KITTY", "", "ЩЖ", "AUSD")] == [""] * 5
    assert skeleton("rn") == skeleton("m")


@pytest.mark.parametrize(
    ("answer", "raw"),
    [(None, None), (b"", None), (bytes(32), None), (text(b""), None), (b"AB", b"AB"), (text(b"AB"), b"AB")],
)
def test_what_an_answer_says(answer: bytes | None, raw: bytes | None) -> None:
    stated = read_text(answer)
    assert (stated.raw if stated else None) == raw
