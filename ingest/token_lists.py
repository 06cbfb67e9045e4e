"""Lists of tokens as publishers give them: the Uniswap token list (JSON), a bare JSON array of its tokens, or tidy CSV.

A token list names itself (name, version, timestamp) and gives of each token chainId, address, symbol, name, decimals and tags;
it may speak of many chains. Tidy CSV has the columns address, symbol, name and decimals, and speaks of one chain.

Source: the token list schema, github.com/Uniswap/token-lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

import orjson

from chainsight.errors import ArchiveDamaged, UsageError
from ingest.delimited import TextFile, records, refuse_page
from ingest.stated_addresses import LeftOut, StatedAddress, read_address

_COLUMNS = ("address", "symbol", "name", "decimals")
_MOST_DECIMALS = 77  # 10**77 is the largest power of ten below 2**256
_MOST_CHARACTERS = 256
_SHORT_NUMBER = re.compile(r"[0-9]{1,3}")
_LARGEST_CHAIN_ID = 2**63


@dataclass(frozen=True, slots=True)
class ListedToken:
    """What a list says of one token."""

    chain_id: int
    address: bytes
    """20 bytes."""
    symbol: str
    name: str
    decimals: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list: its place (line or number from 1), and the token or why there is none."""

    place: int
    token: ListedToken | LeftOut
    doubt: str = ""


@dataclass(frozen=True)
class TokenList:
    """One file."""

    source: str
    """The list's own name and version, or the file's name."""
    entries: Iterator[Entry]


def read_token_list(file: TextFile, *, chain_id: int | None) -> TokenList:
    """A list of tokens, its form told by its content; `chain_id` is for entries that do not say their chain.

    Raises `ArchiveDamaged` for a file that is no list of tokens, `UsageError` for CSV without a chain.
    """
    refuse_page(file)
    if not file.text.lstrip().startswith(("{", "[")):
        if chain_id is None:
            raise UsageError(f"{file.path} does not say of which chain it is.", next_step="Name it with --chain-id.")
        return TokenList(_stem(file), _csv_entries(file, chain_id))
    document = _json(file)
    tokens = document.get("tokens") if isinstance(document, dict) else document
    if not isinstance(tokens, list):
        raise ArchiveDamaged(f"{file.path} holds no list of tokens.", next_step="Check that it is a token list.")
    return TokenList(_name(document) or _stem(file), _json_entries(tokens, chain_id))


def _json(file: TextFile) -> Any:
    try:
        return orjson.loads(file.text.encode(errors="surrogateescape"))
    except orjson.JSONDecodeError as error:
        raise ArchiveDamaged(
            f"{file.path}:{error.lineno} is not JSON: {error.msg}.",
            next_step="The file may have been cut off: fetch it again. Nothing was changed.",
        ) from error


def _name(document: object) -> str:
    """`Name 1.2.3` of a list that names itself."""
    if not isinstance(document, dict) or not isinstance(document.get("name"), str):
        return ""
    version = document.get("version")
    numbers = [version.get(part) for part in ("major", "minor", "patch")] if isinstance(version, dict) else []
    told = ".".join(str(number) for number in numbers if isinstance(number, int))
    return f"{document['name'][:_MOST_CHARACTERS]} {told}".strip()


def _stem(file: TextFile) -> str:
    return file.path.name.removesuffix(".gz").rpartition(".")[0] or file.path.name


def _csv_entries(file: TextFile, chain_id: int) -> Iterator[Entry]:
    for record in records(file, _COLUMNS):
        decimals = record.row["decimals"].strip()
        row = {
            **record.row,
            "chainId": chain_id,
            "decimals": int(decimals) if _SHORT_NUMBER.fullmatch(decimals) else decimals,
        }
        yield _entry(record.line, row, chain_id)


def _json_entries(tokens: list[Any], chain_id: int | None) -> Iterator[Entry]:
    for place, token in enumerate(tokens, start=1):
        if isinstance(token, dict):
            yield _entry(place, token, chain_id)
        else:
            yield Entry(place, LeftOut("is no token", str(token)))


def _entry(place: int, row: Mapping[str, Any], otherwise: int | None) -> Entry:
    chain_id, decimals = row.get("chainId", otherwise), row.get("decimals")
    symbol, name = row.get("symbol"), row.get("name")
    found = read_address(str(row.get("address", "")))
    if not isinstance(found, StatedAddress):
        return Entry(place, found)
    if len(found.address) != 20:
        return Entry(place, LeftOut("is no address of an EVM chain", str(row["address"])))
    if not _is_number(chain_id, _LARGEST_CHAIN_ID) or chain_id == 0:
        return Entry(place, LeftOut("is no chain id", str(chain_id)))
    if not _is_number(decimals, _MOST_DECIMALS):
        return Entry(place, LeftOut(f"is no number of decimals from 0 to {_MOST_DECIMALS}", str(decimals)))
    if not isinstance(symbol, str) or not isinstance(name, str):
        return Entry(place, LeftOut("names no symbol or no name"))
    if max(len(symbol), len(name)) > _MOST_CHARACTERS:
        return Entry(place, LeftOut(f"has a symbol or name of more than {_MOST_CHARACTERS} characters"))
    if "\0" in symbol + name or not (symbol + name).isprintable():
        return Entry(place, LeftOut("has a symbol or name that cannot be shown", symbol + name))
    return Entry(place, ListedToken(chain_id, found.address, symbol, name, decimals), found.doubt)


def _is_number(value: object, largest: int) -> TypeGuard[int]:
    """JSON's true is an int to Python, and no number here."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= largest
