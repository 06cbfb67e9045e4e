"""Questions about labels: what is said of an address, where sources contradict each other, which sources there are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from chainsight.categories import CONTRADICTIONS, FAMILIES
from chainsight.errors import UsageError
from ingest.stated_addresses import LeftOut, read_address
from sql.files import load
from sql.store import Store


@dataclass(frozen=True)
class KnownOfAddress:
    """All that sources and lists say, or said, of one address."""

    address: str
    labels: list[dict[str, Any]]
    list_entries: list[dict[str, Any]]


def labels_of(store: Store, address: str, *, at: dt.datetime | None = None) -> KnownOfAddress:
    """What was known of an address at a moment (UTC; default: now), with what had been dropped by then.

    `address` is written as on its chain: 0x… for EVM chains, the text itself for others. Raises `UsageError` for a text that is
    no address.
    """
    found = read_address(address)
    if isinstance(found, LeftOut):
        raise UsageError(f"{found}.", next_step="Give 0x and 40 digits, or the text of another chain's address.")
    written = _as_held(found.address)
    parameters = {"address_hex": written.hex(), "at": _moment(at)}
    return KnownOfAddress(
        address="0x" + written.hex() if len(written) == 20 else written.decode(),
        labels=store.query(load("queries/labels_of_address"), **parameters).to_pylist(),
        list_entries=store.query(load("queries/list_entries_of_address"), **parameters).to_pylist(),
    )


def label_conflicts(store: Store, *, most: int, at: dt.datetime | None = None) -> list[dict[str, Any]]:
    """At most `most` addresses of which different sources said, at a moment, what cannot both be; see `CONTRADICTIONS`."""
    found = store.query(
        load("queries/label_conflicts"),
        categories=list(FAMILIES),
        families=list(FAMILIES.values()),
        family_a=[pair[0] for pair in CONTRADICTIONS],
        family_b=[pair[1] for pair in CONTRADICTIONS],
        reasons=list(CONTRADICTIONS.values()),
        at=_moment(at),
        most=most,
    ).to_pylist()
    return [{"address": row.pop("address_shown"), **row} for row in found]


def label_sources(store: Store) -> list[dict[str, Any]]:
    """Each source with its last issue, counts and time of its last import, the largest first."""
    return store.query(load("queries/label_sources")).to_pylist()


def _as_held(address: bytes) -> bytes:
    """A bech32 address may be written in capitals; labels hold it in small letters."""
    return address.lower() if len(address) != 20 and address[:4].upper() in (b"BC1Q", b"BC1P", b"LTC1") else address


def _moment(at: dt.datetime | None) -> str:
    """For `toDateTime64(…, 3, 'UTC')`; a moment without a zone is taken as UTC."""
    moment = at or dt.datetime.now(dt.UTC)
    in_utc = moment.astimezone(dt.UTC) if moment.tzinfo else moment
    return in_utc.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
