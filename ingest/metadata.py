"""What token contracts say of themselves: name, symbol, decimals, supply and standard, asked in batches at one block.

Anybody can deploy a contract that answers anything. What it says is kept as it is (up to a limit), shown only after cleaning
(ingest/token_text.py), and marked where it imitates a well-known token or advertises. Sources: ERC-20, ERC-165, ERC-721 and
ERC-1155.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from chainsight.progress import SILENT, Progress
from ingest.contract_calls import ContractCalls
from ingest.token_text import WELL_KNOWN, StatedText, clean_text, looks_like, read_text
from ingest.tokens import CONTRACT
from sql.as_of import read_as_of
from sql.files import load
from sql.store import Store

_SYMBOL_CHARACTERS, _NAME_CHARACTERS = 64, 256
_SYMBOL_BYTES, _NAME_BYTES = 256, 1024
_TOKENS_A_BATCH = 100
_TRUE = (1).to_bytes(32, "big")
_NAME, _SYMBOL, _DECIMALS, _SUPPLY = (bytes.fromhex(code) for code in ("06fdde03", "95d89b41", "313ce567", "18160ddd"))


def _supports(interface: str) -> bytes:
    return bytes.fromhex("01ffc9a7" + interface.ljust(64, "0"))


# ERC-165: a contract that knows it says yes to itself and no to ffffffff.
_QUESTIONS = (
    *(_NAME, _SYMBOL, _DECIMALS, _SUPPLY),
    *(_supports(interface) for interface in ("80ac58cd", "d9b67a26", "ffffffff")),
)


@dataclass(frozen=True)
class Token:
    """One contract's answers, judged."""

    address: bytes
    symbol: str
    name: str
    decimals: int | None
    standard: str
    total_supply: int | None
    symbol_stated: StatedText | None
    name_stated: StatedText | None
    flags: tuple[str, ...]
    imitates: str


@dataclass(frozen=True)
class MetadataSummary:
    """What one round of asking found out."""

    asked: int
    as_of_block: int
    standards: dict[str, int]
    flags: dict[str, int]
    """How many tokens have each mark."""

    def __str__(self) -> str:
        marks = ", ".join(f"{name} {count:,}" for name, count in self.flags.items())
        return f"{self.asked:,} token contracts asked at block {self.as_of_block:,}" + (f"; {marks}" if marks else "")


def learn_tokens(
    store: Store,
    urls: str | Sequence[str],
    *,
    chain_id: int,
    block: int | None = None,
    most: int = 10_000,
    progress: Progress = SILENT,
) -> MetadataSummary:
    """Ask the contracts that moved tokens and are not in `tokens`, those with the most transfers first, and record the answers.

    Those that answered nothing are asked again each time, after the others. `block`: as of which block; the watermark when
    None. Raises `StoreEmpty` without blocks, `WrongChain` when a node is of another chain, `NodeRefused` and `NodeLies`; what was
    recorded before stays, and the same command goes on from there.
    """
    version = time.time_ns()  # what a list says in the meantime stands
    as_of = block if block is not None else read_as_of(store, chain_id).block_number
    unasked = store.query(load("queries/tokens_unasked"), chain_id=chain_id, to_block=as_of, most=most)
    addresses: list[bytes] = unasked.column("token_address").to_pylist()
    rightful = _rightful(store, chain_id)
    standards: Counter[str] = Counter()
    flags: Counter[str] = Counter()
    with ContractCalls(urls, chain_id=chain_id, block=as_of) as node:
        for start in range(0, len(addresses), _TOKENS_A_BATCH):
            progress.step(start, len(addresses), "token contracts")
            tokens = list(_ask(node, addresses[start : start + _TOKENS_A_BATCH], rightful))
            store.insert("tokens", _table(tokens, chain_id, as_of, version))
            standards.update(token.standard for token in tokens)
            flags.update(flag for token in tokens for flag in token.flags)
    return MetadataSummary(len(addresses), as_of, dict(sorted(standards.items())), dict(sorted(flags.items())))


def judge_token(address: bytes, answers: Sequence[bytes | None], rightful: Mapping[str, frozenset[bytes]]) -> Token:
    """One contract's answers to `_QUESTIONS`; `rightful`: the contracts that a list gives each well-known symbol to."""
    name, symbol = read_text(answers[0]), read_text(answers[1])
    decimals, supply = _number(answers[2]), _number(answers[3])
    flags: set[str] = set()
    shown = []
    for stated, most in ((symbol, _SYMBOL_CHARACTERS), (name, _NAME_CHARACTERS)):
        text, odd = clean_text(stated.raw, most=most) if stated else ("", frozenset())
        flags |= odd | (stated.flags if stated else frozenset())
        shown.append(text)
    standard = _standard(answers, decimals, supply)
    if decimals is not None and decimals > 255:
        flags.add("decimals_out_of_range")
    if decimals is None and standard == "erc20":
        flags.add("no_decimals")
    if not any(answers):
        flags.add("no_answer")
    elif not shown[0]:
        flags.add("no_symbol")
    imitated = looks_like(shown[0])
    if imitated and (address in rightful.get(imitated, ()) or (shown[0] == imitated and not rightful.get(imitated))):
        imitated = ""
    return Token(
        address=address,
        symbol=shown[0],
        name=shown[1],
        decimals=decimals if decimals is not None and decimals <= 255 else None,
        standard=standard,
        total_supply=supply,
        symbol_stated=symbol,
        name_stated=name,
        flags=tuple(sorted(flags | ({"imitates"} if imitated else set()))),
        imitates=imitated,
    )


def _ask(node: ContractCalls, addresses: Sequence[bytes], rightful: Mapping[str, frozenset[bytes]]) -> Iterator[Token]:
    answers = node.read([(address, question) for address in addresses for question in _QUESTIONS])
    width = len(_QUESTIONS)
    for place, address in enumerate(addresses):
        yield judge_token(address, answers[place * width : (place + 1) * width], rightful)


def _standard(answers: Sequence[bytes | None], decimals: int | None, supply: int | None) -> str:
    is_721, is_1155, says_yes_to_all = (answer is not None and answer[:32] == _TRUE for answer in answers[4:7])
    if (is_721 or is_1155) and not says_yes_to_all:
        return "erc721" if is_721 else "erc1155"
    return "erc20" if decimals is not None or supply is not None else "unknown"


def _number(answer: bytes | None) -> int | None:
    """One word as a number; None for what is shorter."""
    return int.from_bytes(answer[:32], "big") if answer is not None and len(answer) >= 32 else None


def _rightful(store: Store, chain_id: int) -> dict[str, frozenset[bytes]]:
    """Contracts that lists give the well-known symbols to."""
    found: dict[str, set[bytes]] = {}
    for row in store.query(load("queries/tokens_listed"), chain_id=chain_id).to_pylist():
        symbol = row["symbol"].upper()
        if symbol in WELL_KNOWN:
            found.setdefault(symbol, set()).add(row["token_address"])
    return {symbol: frozenset(addresses) for symbol, addresses in found.items()}


def _table(tokens: Sequence[Token], chain_id: int, as_of: int, version: int) -> pa.Table:
    def stated(text: StatedText | None, most: int) -> str:
        return "0x" + text.raw[:most].hex() if text else ""

    def supply(token: Token) -> bytes | None:
        return None if token.total_supply is None else token.total_supply.to_bytes(32, "little")

    count = len(tokens)
    return pa.table(
        {
            "chain_id": pa.array([chain_id] * count, pa.uint64()),
            "token_address": pa.array([token.address for token in tokens], pa.binary(20)),
            "symbol": pa.array([token.symbol for token in tokens], pa.string()),
            "name": pa.array([token.name for token in tokens], pa.string()),
            "decimals": pa.array([token.decimals for token in tokens], pa.uint8()),
            "standard": pa.array([token.standard for token in tokens], pa.string()),
            "total_supply": pa.array([supply(token) for token in tokens], pa.binary(32)),
            "symbol_raw": pa.array([stated(token.symbol_stated, _SYMBOL_BYTES) for token in tokens], pa.string()),
            "name_raw": pa.array([stated(token.name_stated, _NAME_BYTES) for token in tokens], pa.string()),
            "symbol_bytes": pa.array([t.symbol_stated.length if t.symbol_stated else 0 for t in tokens], pa.uint64()),
            "name_bytes": pa.array([t.name_stated.length if t.name_stated else 0 for t in tokens], pa.uint64()),
            "flags": pa.array([token.flags for token in tokens], pa.list_(pa.string())),
            "imitates": pa.array([token.imitates for token in tokens], pa.string()),
            "as_of_block": pa.array([as_of] * count, pa.uint64()),
            "source": pa.array([CONTRACT] * count, pa.string()),
            "version": pa.array([version] * count, pa.uint64()),
        }
    )
