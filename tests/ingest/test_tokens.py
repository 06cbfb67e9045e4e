import pytest

from chainsight.errors import ArchiveDamaged
from ingest.tokens import import_tokens

COIN = "0x" + "aa" * 20


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
    file.write_text(f"address,symbol,name,decimals\nnonsense,X,X,6\n{COIN},Y,Y,78\n{COIN},Z,Z,-1\n")
    summary = import_tokens(store, file, chain_id=5)
    assert (summary.added, summary.bad_lines) == (0, ("tokens.csv:2", "tokens.csv:3", "tokens.csv:4"))


def test_a_file_without_a_column_is_refused(store, tmp_path):
    file = tmp_path / "tokens.csv"
    file.write_text("address,symbol\n")
    with pytest.raises(ArchiveDamaged, match="has no column name, decimals"):
        import_tokens(store, file, chain_id=5)
