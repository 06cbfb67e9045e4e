"""Prices of tokens into `prices`: which token they are of, since when each was known, for how long it may be used.

A price says since when it was known, and nothing before that moment may use it: a candle's last price at the candle's end, never
at its opening. It counts for a limited time (two candles, or a day), so that a gap in the file is unknown, not the last price.

Which token: `ETH` on a chain whose native coin is ETH is the native coin and the contracts that wrap it one to one
(chainsight/chains.toml); the name of a wrapped one (WETH) is the same. Any other symbol is that of a token which a *list* names
(`chainsight tokens import`), and only where exactly one has it: what contracts call themselves proves nothing. An address can
always be given instead.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from chainsight.addresses import parse_address
from chainsight.chains import chain_settings
from chainsight.errors import UnknownName, UsageError
from chainsight.progress import SILENT, Progress
from ingest.price_files import PriceFile, bucket_of, read_prices
from ingest.statements import next_version, note_bad_lines
from sql.files import load
from sql.store import Store

NATIVE = bytes(20)
_DAY = 86_400
_BUCKETS_OF_USE = 2
PAR = "par"
"""Source of prices that nobody measured: a stablecoin taken at one dollar."""
_FOR_EVER = 2**32 - 1


@dataclass(frozen=True)
class PricedToken:
    """What prices are of, and in what."""

    chain_id: int
    symbol: str = ""
    """Of the native coin, of what wraps it, or of a listed token; empty where an address is given."""
    token: str = ""
    """0x…; the symbol is not asked then."""
    quote: str = "USD"


@dataclass(frozen=True)
class PriceSummary:
    """What an import changed."""

    tokens: tuple[str, ...]
    """Contracts the prices were stored for, 0x…; zeros for the native coin."""
    read: int
    """Different moments read."""
    added: int
    """Rows that are new, over all tokens."""
    replaced: int
    """Rows of moments that had another price."""
    repeated: int
    """Lines that say again what another one says."""
    bucket_seconds: int
    max_age_seconds: int
    first: dt.datetime
    last: dt.datetime
    bad_lines: tuple[str, ...]
    left_out: dict[str, int]


def import_prices(
    store: Store,
    files: Sequence[Path],
    of: PricedToken,
    *,
    source: str = "",
    bucket_seconds: int = 0,
    max_age_seconds: int = 0,
    progress: Progress = SILENT,
) -> PriceSummary:
    """Read files of prices of one token and store what is new; all of them or, where one is refused, nothing.

    source: who says so; the name of the first file where it is empty. bucket_seconds: length of a candle; 0 tells it from the
    file, and is none where its column is `price`. max_age_seconds: how long a price may be used; 0 is two candles, or a day. The
    same files again change nothing, a newer price of the same moment replaces the older one. Raises `ArchiveMissing`,
    `ArchiveDamaged`, `UnknownName` for a symbol that no listed token has, and `UsageError`.
    """
    tokens = tokens_priced(store, of)
    now = time.time()
    read: list[PriceFile] = []
    for done, path in enumerate(files):
        progress.step(done, len(files), f"prices {path.name}")
        read.append(read_prices(path, now=now))
    bucket = bucket_of(read, bucket_seconds)
    points = _known(read, bucket, now)
    bad = tuple(line for file in read for line in file.bad_lines)
    note_bad_lines(bad, progress)
    if not points:
        raise UsageError(
            f"None of the prices in {files[0].name} is known yet: the only candle has not ended.",
            next_step="Import it again later.",
        )
    max_age = max_age_seconds or (_BUCKETS_OF_USE * bucket or _DAY)
    rows = _rows(points, tokens, of, bucket=bucket, max_age=max_age, source=source or _stem(files[0]))
    added, replaced = _store(store, rows)
    progress.step(len(files), len(files), "prices")
    reasons: dict[str, int] = {}
    for file in read:
        for reason, count in file.left_out.items():
            reasons[reason] = reasons.get(reason, 0) + count
    moments = sorted(points)
    return PriceSummary(
        tokens=tuple("0x" + token.hex() for token in tokens),
        read=len(points),
        added=added,
        replaced=replaced,
        repeated=sum(file.repeated for file in read),
        bucket_seconds=bucket,
        max_age_seconds=max_age,
        first=dt.datetime.fromtimestamp(moments[0], dt.UTC),
        last=dt.datetime.fromtimestamp(moments[-1], dt.UTC),
        bad_lines=bad,
        left_out=reasons,
    )


def take_at_par(store: Store, *, chain_id: int) -> int:
    """Let every stablecoin of a chain's settings cost one US dollar where no better price stands; returns how many there are.

    The price is from 1970 on and has no end, its source is `par`: a measured price of a later moment goes before it, and whoever
    wants none of it leaves that source out. Raises `UsageError` for a chain whose settings name no stablecoin.
    """
    chain = chain_settings(chain_id)
    if not chain.stablecoins:
        raise UsageError(
            f"No stablecoin of {chain.title} is known here.", next_step="Add them in chainsight/chains.toml."
        )
    tokens = [parse_address(token) for token in chain.stablecoins]
    _store(
        store,
        _rows({0: (1.0, "", "")}, tokens, PricedToken(chain_id), bucket=0, max_age=_FOR_EVER, source=PAR),
    )
    return len(tokens)


def list_prices(store: Store) -> list[dict[str, Any]]:
    """Per token, currency and source: how many prices there are, from when to when, how long each may be used."""
    return store.query(load("queries/price_list")).to_pylist()


def tokens_priced(store: Store, of: PricedToken) -> list[bytes]:
    """The contracts that prices of a symbol or address are of; zeros for the native coin.

    Raises `BadAddress`, `UsageError` for a bad currency or a symbol of several tokens, `UnknownName` with the near ones.
    """
    if not re.fullmatch("[A-Z]{3,8}", of.quote):
        raise UsageError(f"{of.quote!r} is no currency.", next_step="Write it as USD or EUR.")
    if of.token:
        return [parse_address(of.token)]
    chain = chain_settings(of.chain_id)
    native = chain.native_symbol.upper()
    if of.symbol.upper() in (native, f"W{native}"):
        return [NATIVE, *(parse_address(wrapped) for wrapped in chain.wrapped_natives)]
    listed = store.query(load("queries/tokens_by_symbol"), chain_id=of.chain_id).to_pylist()
    found = [row["token_address"] for row in listed if row["symbol"].upper() == of.symbol.upper()]
    if not found:
        raise UnknownName(f"listed token of {chain.title}", of.symbol, [native, *(row["symbol"] for row in listed)])
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} listed tokens of {chain.title} are called {of.symbol}: "
            f"{', '.join('0x' + token.hex() for token in found[:4])}.",
            next_step="Say which with --token 0x….",
        )
    return found


def _known(files: Sequence[PriceFile], bucket: int, now: float) -> dict[int, tuple[float, str, str]]:
    """(price, file, its SHA-256) by the moment since when it is known; candles that have not ended yet are not known."""
    return {
        moment + bucket: (price, file.file.path.name, file.file.sha256)
        for file in files
        for moment, price in file.prices.items()
        if moment + bucket <= now
    }


def _rows(
    points: dict[int, tuple[float, str, str]],
    tokens: Sequence[bytes],
    of: PricedToken,
    *,
    bucket: int,
    max_age: int,
    source: str,
) -> pa.Table:
    moments = sorted(points)
    count = len(moments) * len(tokens)
    said = [points[moment] for moment in moments] * len(tokens)
    return pa.table(
        {
            "chain_id": pa.array([of.chain_id] * count, pa.uint64()),
            "token_address": pa.array([token for token in tokens for _ in moments], pa.binary(20)),
            "quote": pa.array([of.quote] * count, pa.string()),
            "priced_at": pa.array(moments * len(tokens), pa.timestamp("s", "UTC")),
            "price": pa.array([price for price, _, _ in said], pa.float64()),
            "bucket_seconds": pa.array([bucket] * count, pa.uint32()),
            "max_age_seconds": pa.array([max_age] * count, pa.uint32()),
            "source": pa.array([source] * count, pa.string()),
            "file": pa.array([name for _, name, _ in said], pa.string()),
            "file_sha256": pa.array([sha256 for _, _, sha256 in said], pa.string()),
        }
    )


def _store(store: Store, rows: pa.Table) -> tuple[int, int]:
    """Stage the rows, then write those that say something new in one statement; returns (added, replaced)."""
    store.command("DROP TABLE IF EXISTS staged_prices")
    store.command(load("staging/staged_prices"))
    try:
        store.insert("staged_prices", rows)
        counted = store.query(load("queries/prices_new")).to_pylist()[0]
        store.command(load("decode/prices"), version=next_version(store, "prices"))
    finally:
        store.command("DROP TABLE IF EXISTS staged_prices")
    return int(counted["added"]), int(counted["replaced"])


def _stem(path: Path) -> str:
    return path.name.split(".")[0]
