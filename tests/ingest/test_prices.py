"""Prices from files: what is stored, since when it counts, which token it is of, and what is refused."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

import ingest.price_files
from chainsight.errors import ArchiveDamaged, BadAddress, ChainsightError, UnknownName, UsageError
from ingest.prices import PricedToken, import_prices, list_prices, take_at_par, tokens_priced
from sql.store import Store
from tests.fixtures.stores import new_store

HOUR = 3600
JANUARY = 1_704_067_200
"""1 January 2024, in Unix seconds."""
ETHER = PricedToken(1, symbol="ETH")
WETH = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
CANDLES = "timestamp,open,high,low,close,volume\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all: each test has a chain or a currency of its own."""
    opened = new_store(f"{tmp_path_factory.mktemp('prices')}/store")
    yield opened
    opened.close()


def written(folder: Path, text: str, name: str = "prices.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def candle(hour: int, close: float, *, low: float | None = None) -> str:
    """One hourly candle of January 2024, times in milliseconds as Binance has them."""
    lowest = close - 2 if low is None else low
    return f"{(JANUARY + hour * HOUR) * 1000},{close - 1},{close + 1},{lowest},{close},5\n"


def stored(store: Store, where: str = "chain_id = 1") -> list[tuple[str, int, float]]:
    """(first two bytes of the token, hours since January, price), in order."""
    found = store.query(
        "SELECT hex(substring(token_address, 1, 2)) AS token, toUnixTimestamp(priced_at) AS moment, price FROM prices"
        f" WHERE {where} ORDER BY token, moment"
    ).to_pylist()
    return [(row["token"], (row["moment"] - JANUARY) // HOUR, row["price"]) for row in found]


def test_a_candle_counts_from_its_end_for_the_coin_and_what_wraps_it_whatever_the_order(
    tmp_path: Path, store: Store
) -> None:
    file = written(tmp_path, CANDLES + candle(2, 2302) + candle(0, 2300) + candle(1, 2301))

    summary = import_prices(store, [file], ETHER)

    assert stored(store) == [(token, hour, 2299 + hour) for token in ("0000", "C02A") for hour in (1, 2, 3)]
    assert (summary.tokens, summary.read, summary.added) == (("0x" + "00" * 20, WETH), 3, 6)
    assert (summary.bucket_seconds, summary.max_age_seconds) == (HOUR, 2 * HOUR)
    assert summary.first == dt.datetime(2024, 1, 1, 1, tzinfo=dt.UTC)
    listed = list_prices(store)
    assert (listed[0]["first"], listed[0]["last"]) == (summary.first, summary.last)
    assert [(row["token"][:6], row["said_by"], row["prices"], row["last_price"]) for row in listed] == [
        ("0x0000", "prices", 3, 2302.0), ("0xc02a", "prices", 3, 2302.0),
    ]  # fmt: skip

    again = import_prices(store, [file], ETHER)
    assert (again.added, again.replaced) == (0, 0)

    corrected = import_prices(store, [written(tmp_path, CANDLES + candle(1, 2350) + candle(2, 2302))], ETHER)
    assert (corrected.added, corrected.replaced) == (0, 2)
    assert stored(store, "chain_id = 1 AND token_address = toFixedString('', 20)") == [
        ("0000", 1, 2300.0),
        ("0000", 2, 2350.0),
        ("0000", 3, 2302.0),
    ]

    assert take_at_par(store, chain_id=1) == 10
    assert store.query("SELECT count() AS n FROM prices WHERE source = 'par' AND price = 1").to_pylist() == [{"n": 10}]


def test_lines_that_cannot_be_right_are_left_out_and_named(tmp_path: Path, store: Store) -> None:
    future = dt.datetime.now(dt.UTC) + dt.timedelta(days=400)
    good = [candle(hour, 2300 + hour) for hour in range(8)]
    bad = [
        candle(20, 2300).replace(",2300,", ",nan,"),
        candle(21, -5),
        f"{round(future.timestamp() * 1000)},1,1,1,1,5\n",
        f"{(JANUARY + 22 * HOUR) * 1000},2300\n",
        candle(23, 2300, low=2301),
        candle(24, 2300).replace(",2300,", ",1e999,"),
        "yesterday,1,1,1,1,5\n",
        candle(3, 2999),
    ]
    file = written(tmp_path, CANDLES + "".join(good) + good[0] + "".join(bad))

    summary = import_prices(store, [file], PricedToken(2, token=WETH))

    assert [hour for _, hour, _ in stored(store, "chain_id = 2")] == list(range(1, 9))
    assert summary.bad_lines == (
        "prices.csv:11: has a price that is no number",
        "prices.csv:12: has a price that is not above 0",
        "prices.csv:13: has a time that has not come yet",
        "prices.csv:14: has 2 cells, not 6",
        "prices.csv:15: has a first or last price that is not between its lowest and its highest",
        "prices.csv:16: has a price that is no number",
        "prices.csv:17: has a time that cannot be read",
        "prices.csv:18: says another price for a time that an earlier line has",
    )
    assert summary.repeated == 1
    assert summary.left_out["has a price that is no number"] == 2


@pytest.mark.parametrize(
    ("text", "refused", "said"),
    [
        ("", ArchiveDamaged, "no column for the time"),
        ("address,label\n0x1,2\n", ArchiveDamaged, "no column for the time .it has: 'address, label'"),
        ("time,volume\n1704067200,3\n", ArchiveDamaged, "no column for the price"),
        ("<html>not found</html>", ArchiveDamaged, "web page"),
        ("time,price\n", ArchiveDamaged, "0 of 0 lines"),
        ("time,price\n1704067200,3\n1704067201,-3\n1704067202,nan\n", ArchiveDamaged, "2 of 3 lines .*prices.csv:3: has"),
        ('time,price\n1704067200,"3\n', ArchiveDamaged, "prices.csv:2 cannot be read"),
        ("time,price\n5,3\n", ArchiveDamaged, "before there were coins"),
        (CANDLES + candle(0, 2300), UsageError, "How long the candles are"),
        ("time,price\n" + "".join(f"{JANUARY + n},1\n" for n in range(12)), ArchiveDamaged, "prices.csv:12: .* more than 10"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_right_is_refused_and_nothing_is_stored(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, text: str, refused: type[ChainsightError], said: str
) -> None:
    monkeypatch.setattr(ingest.price_files, "_MOST_PRICES", 10)
    whole = written(tmp_path, "time,price\n1704067200,3\n", "whole.csv")
    with pytest.raises(refused, match=said) as error:
        import_prices(store, [whole, written(tmp_path, text)], PricedToken(5, symbol="ETH"))
    assert error.value.next_step
    assert stored(store, "chain_id = 5") == []


def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "prices.csv.gz"
    path.write_bytes(
        gzip.compress((CANDLES + "".join(candle(hour, 2300 + hour) for hour in range(500))).encode())[:-40]
    )
    with pytest.raises(ArchiveDamaged, match=r"prices\.csv\.gz cannot be read"):
        import_prices(store, [path], PricedToken(5, symbol="ETH"))
    assert stored(store, "chain_id = 5") == []


def test_a_candle_that_has_not_ended_is_not_known_yet(tmp_path: Path, store: Store) -> None:
    hour = int(dt.datetime.now(dt.UTC).timestamp()) // HOUR * HOUR
    lines = "".join(f"{moment},5,5,5,5\n" for moment in (hour - 2 * HOUR, hour - HOUR, hour))
    summary = import_prices(
        store, [written(tmp_path, "time,open,high,low,close\n" + lines)], PricedToken(10, symbol="ETH")
    )
    assert (summary.read, summary.last.timestamp()) == (2, hour)


def test_times_are_read_in_every_form_and_prices_of_a_moment_count_at_once(tmp_path: Path, store: Store) -> None:
    moments = (str(JANUARY), str((JANUARY + HOUR) * 1000), str((JANUARY + 2 * HOUR) * 10**6), "2024-01-01T04:00:00+01:00",
               "2024-01-01 04:00:00")  # fmt: skip
    file = written(tmp_path, "Time,Price\n" + "".join(f"{moment},7.5\n" for moment in moments))
    summary = import_prices(store, [file], PricedToken(1, token=WETH, quote="EUR"))
    assert [hour for _, hour, _ in stored(store, "quote = 'EUR'")] == [0, 1, 2, 3, 4]
    assert (summary.bucket_seconds, summary.max_age_seconds) == (0, 86_400)


def test_a_closing_price_is_not_known_before_its_time_is_over_whatever_stands_beside_it(
    tmp_path: Path, store: Store
) -> None:
    days = "date,{}\n2024-01-01,2000\n2024-01-02,2500\n2024-01-03,2600\n"
    for quote, column, bucket, counted in (
        ("AAA", "close", 0, [24, 48, 72]), ("BBB", "close", 86_400, [24, 48, 72]), ("CCC", "price", 86_400, [24, 48, 72]),
        ("DDD", "price", 0, [0, 24, 48]),
    ):  # fmt: skip
        file = written(tmp_path, days.format(column))
        import_prices(store, [file], PricedToken(1, token=WETH, quote=quote), bucket_seconds=bucket)
        assert [hour for _, hour, _ in stored(store, f"quote = '{quote}'")] == counted
    alone = written(tmp_path, "date,close\n2024-01-01,2000\n")
    with pytest.raises(UsageError, match="How long the candles are") as error:
        import_prices(store, [alone], PricedToken(1, token=WETH, quote="EEE"))
    assert "--bucket" in error.value.next_step


def test_a_symbol_is_what_lists_say_and_never_what_a_contract_calls_itself(store: Store) -> None:
    for token, symbol, source in (("aa", "GEM", "list"), ("bb", "GEM", "contract"), ("cc", "TWIN", "list"),
                                  ("dd", "TWIN", "list"), ("ee", "ETH", "list"), ("ff", "LIAR", "contract")):  # fmt: skip
        store.command(
            "INSERT INTO tokens (chain_id, token_address, symbol, source, version)"
            f" SELECT 1, unhex(repeat('{token}', 20)), '{symbol}', '{source}', 1"
        )
    assert tokens_priced(store, PricedToken(1, symbol="gem")) == [b"\xaa" * 20]
    assert tokens_priced(store, PricedToken(1, symbol="WETH")) == tokens_priced(store, ETHER)
    assert tokens_priced(store, ETHER) == [bytes(20), bytes.fromhex(WETH[2:])]
    assert tokens_priced(store, PricedToken(56, symbol="BNB"))[0] == bytes(20)
    with pytest.raises(UsageError, match="2 listed tokens of Ethereum are called TWIN: 0xcccc"):
        tokens_priced(store, PricedToken(1, symbol="TWIN"))
    for symbol, near in (("LIAR", "There is no listed token of Ethereum 'LIAR'"), ("GEMM", "Did you mean GEM")):
        with pytest.raises(UnknownName, match=near):
            tokens_priced(store, PricedToken(1, symbol=symbol))
    with pytest.raises(BadAddress):
        tokens_priced(store, PricedToken(1, token="0x12"))
    with pytest.raises(UsageError, match="is no currency"):
        tokens_priced(store, PricedToken(1, symbol="ETH", quote="$"))
    with pytest.raises(UsageError, match="No stablecoin of Celo"):
        take_at_par(store, chain_id=42220)
