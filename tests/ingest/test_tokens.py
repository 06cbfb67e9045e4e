"""Lists of tokens: tidy CSV of one chain, token lists of many, and files that are neither."""

import json

import pytest

from chainsight.errors import ArchiveDamaged, UsageError
from ingest.tokens import import_tokens

COIN = "0x" + "aa" * 20
OTHER = "0x" + "bb" * 20


def known(store):
    return store.query(
        "SELECT chain_id, lower(hex(token_address)) AS token, symbol, name, decimals, CAST(source AS String) AS source"
        " FROM tokens ORDER BY chain_id, token"
    ).to_pylist()


def token(address=COIN, **said):
    return {"chainId": 1, "address": address, "symbol": "USDC", "name": "USD Coin", "decimals": 6} | said


def uniswap(file, *tokens, patch=0):
    version = {"major": 1, "minor": 2, "patch": patch}
    document = {"name": "Corner Store", "timestamp": "2026-01-01T00:00:00Z", "version": version, "tokens": list(tokens)}
    file.write_text(json.dumps(document))
    return file


def test_a_list_of_tokens_is_recorded_once_and_corrected_by_a_newer_one(store, tmp_path):
    file = tmp_path / "tokens.csv"
    file.write_text(f"address,symbol,name,decimals\n{COIN},USDC,USD Coin,6\n")
    assert import_tokens(store, file, chain_id=5).added == 1
    assert import_tokens(store, file, chain_id=5).added == 0
    file.write_text(f"address,symbol,name,decimals\n{COIN},USDC.e,USD Coin,6\n")
    assert import_tokens(store, file, chain_id=5).added == 1
    rows = store.query("SELECT symbol, name, decimals FROM tokens WHERE chain_id = 5").to_pylist()
    assert rows == [{"symbol": "USDC.e", "name": "USD Coin", "decimals": 6}]


def test_impossible_lines_are_left_out_and_named(store, tmp_path):
    file = tmp_path / "tokens.csv"
    file.write_text(f"address,symbol,name,decimals\n{OTHER},OK,Fine,6\nnonsense,X,X,6\n{COIN},Y,Y,78\n{COIN},Z,Z,-1\n")
    summary = import_tokens(store, file, chain_id=5)
    assert summary.added == 1
    assert summary.bad_lines == (
        "tokens.csv:3: 'nonsense' is not an address",
        "tokens.csv:4: '78' is no number of decimals from 0 to 77",
        "tokens.csv:5: '-1' is no number of decimals from 0 to 77",
    )
    assert summary.left_out == {"is no number of decimals from 0 to 77": 2, "is not an address": 1}


def test_a_file_without_a_column_is_refused(store, tmp_path):
    file = tmp_path / "tokens.csv"
    file.write_text("address,symbol\n")
    with pytest.raises(ArchiveDamaged, match="has no column name, decimals"):
        import_tokens(store, file, chain_id=5)


def test_a_token_list_speaks_of_many_chains_and_says_its_name_and_version(store, tmp_path):
    file = uniswap(tmp_path / "list.json", token(), token(chainId=137, symbol="USDC.e"), token(OTHER, decimals=18))
    assert import_tokens(store, file).added == 3
    assert import_tokens(store, file).added == 0
    newer = uniswap(tmp_path / "list.json", token(name="USDC"), token(chainId=137, symbol="USDC.e"), patch=1)
    assert import_tokens(store, newer).added == 1
    assert [(row["chain_id"], row["name"], row["source"]) for row in known(store)] == [
        (1, "USDC", "Corner Store 1.2.1"),
        (1, "USD Coin", "Corner Store 1.2.0"),
        (137, "USD Coin", "Corner Store 1.2.0"),
    ]


def test_what_was_learned_on_chain_stays_beside_what_a_list_says(store, tmp_path):
    store.command(
        "INSERT INTO tokens (chain_id, token_address, symbol, name, decimals, standard, total_supply, symbol_raw, symbol_bytes,"
        " flags, imitates, as_of_block, source, version) SELECT 1, unhex({token:String}), 'USDC', 'USD Coin', 6, 'erc20', 1000,"
        " '0x55534443', 4, ['bytes32', 'imitates'], 'USDC', 17, 'contract', 1",
        token=COIN[2:],
    )
    file = uniswap(tmp_path / "list.json", token(), token(OTHER))
    assert import_tokens(store, file).added == 2  # that they agree is said by the source
    assert import_tokens(store, file).added == 0
    rows = store.query(
        "SELECT CAST(standard AS String) AS standard, toString(total_supply) AS supply, symbol_raw, symbol_bytes,"
        " arrayStringConcat(flags, ' ') AS flags, CAST(imitates AS String) AS imitates, as_of_block,"
        " CAST(source AS String) AS source FROM tokens ORDER BY token_address"
    ).to_pylist()
    assert [list(row.values()) for row in rows] == [
        ["erc20", "1000", "0x55534443", 4, "bytes32", "", 17, "Corner Store 1.2.0"],
        ["", None, "", 0, "", "", 0, "Corner Store 1.2.0"],
    ]


@pytest.mark.parametrize("decimals", ["9" * 5000, "²", "0" * 5000, "1_0"])
def test_numbers_that_nobody_could_mean_are_left_out(store, tmp_path, decimals):
    file = tmp_path / "tokens.csv"
    file.write_text(f"address,symbol,name,decimals\n{OTHER},OK,Fine,6\n{COIN},Y,Y,{decimals}\n")
    summary = import_tokens(store, file, chain_id=5)
    assert (summary.added, summary.left_out) == (1, {"is no number of decimals from 0 to 77": 1})


def test_a_bare_array_of_tokens_is_a_list_whatever_the_file_is_called(store, tmp_path):
    file = tmp_path / "mainnet.txt"
    file.write_text(json.dumps([token(), token(OTHER, chainId=None)]))
    summary = import_tokens(store, file, chain_id=None)
    assert (summary.read, summary.bad_lines) == (1, ("mainnet.txt:2: 'None' is no chain id",))
    assert known(store)[0]["source"] == "mainnet"


def test_hostile_tokens_are_left_out_with_their_reasons(store, tmp_path):
    wrong_case = "0x" + "aA" * 20
    file = uniswap(
        tmp_path / "list.json",
        token(wrong_case), token(decimals=True), token(decimals=6.5), token(chainId=2**70), token("T" * 34), "USDC",
        token(name="Te\u202ether"), token(symbol="\0"), token(name="x" * 10_000), token(symbol=None),
    )  # fmt: skip
    summary = import_tokens(store, file)
    assert (summary.added, len(summary.bad_lines)) == (1, 9)
    assert summary.left_out["has a symbol or name that cannot be shown"] == 2
    assert summary.doubts == {"has the case of a wrong checksum (EIP-55)": 1}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"name": "x", "tokens": [', r"list.json:1 is not JSON"),
        ('{"name": "x", "tokens": 5}', "holds no list of tokens"),
        ("<!doctype html>\n", r"list.json:1 is a web page or other markup \(<!doctype html>\)"),
        ("[" * 100_000, "is not JSON"),
        ("[1, 2]", r"holds no readable token \(list.json:1: '1' is no token\)"),
    ],
)
def test_what_is_no_list_of_tokens_is_refused(store, tmp_path, text, problem):
    (tmp_path / "list.json").write_text(text)
    with pytest.raises(ArchiveDamaged, match=problem):
        import_tokens(store, tmp_path / "list.json")
    assert known(store) == []


def test_csv_needs_a_chain_because_it_does_not_say_it(store, tmp_path):
    (tmp_path / "tokens.csv").write_text("address,symbol,name,decimals\n")
    with pytest.raises(UsageError, match="--chain-id"):
        import_tokens(store, tmp_path / "tokens.csv")
