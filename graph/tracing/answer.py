"""Where did it go, where did it come from: a trace of every asset that was asked about, with the range over policies.

Which policy is right is a question of law and custom, so an answer says how far it depends on that: each exposure has the
least and the most that haircut, fifo, lifo and tiho make of it, on the same histories. Poison is an upper bound of another
kind and ttr no amount; they are asked for by name and have no part in the range.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from chainsight.addresses import ZERO_ADDRESS, parse_address, show_hex
from chainsight.chains import chain_settings
from chainsight.errors import StoreEmpty, UnknownName, UsageError
from chainsight.progress import SILENT, Progress
from graph.tracing.actors import Actors
from graph.tracing.bridges import Continuation, continuations
from graph.tracing.flow_graph import Flow, Question, Trace
from graph.tracing.flow_paths import Exposure, Path, exposures, strongest_paths
from graph.tracing.ledgers import Ledgers
from graph.tracing.pages import Asset
from graph.tracing.policies import ACCOUNTING_POLICIES
from graph.tracing.push import check_question, trace
from graph.tracing.transactions import Transactions
from sql.as_of import AsOf, read_as_of
from sql.files import load
from sql.store import Store

MOST_ASSETS = 5
"""Assets that are traced where none is named, those that moved most often."""


@dataclass(frozen=True)
class AssetTrace:
    """The trace of one asset."""

    trace: Trace
    exposures: dict[tuple[str, str], Exposure]
    ranges: dict[tuple[str, str], tuple[int, int]]
    """Least and most worth of each exposure over the accounting policies, the asked one included."""
    paths: list[Path]


@dataclass(frozen=True)
class TraceAnswer:
    """Everything a person or a program is told."""

    as_of: AsOf
    assets: list[AssetTrace]
    left_out: int
    """Assets that were moved, too, but not traced."""
    hashes: dict[tuple[int, int], bytes]
    """Hash by block and position of the transactions on the paths."""
    symbols: dict[bytes, tuple[str, int | None]]
    """Symbol and decimals of tokens, by contract; zeros for the native coin."""
    continuations: list[Continuation]
    """Where what went into bridges may have come out on other chains of the store."""


def follow_money(
    store: Store,
    question: Question,
    *,
    token: str = "",
    ranges: Sequence[str] = ACCOUNTING_POLICIES,
    progress: Progress = SILENT,
) -> TraceAnswer:
    """Trace what the sources gave or got; `question.asset` is replaced by the assets that `token` names or they moved most.

    Raises what `trace` raises, `UnknownName` for a token nobody knows, `StoreEmpty` for addresses the store does not know.
    """
    as_of = read_as_of(store, question.chain_id)
    until = as_of.block_number if question.until_block is None else min(question.until_block, as_of.block_number)
    question = replace(question, until_block=until)
    named = [_token(store, question.chain_id, token)] if token else []
    ledgers = Ledgers(
        store, chain_id=question.chain_id, until_block=until, hub_cap=question.hub_cap, asked_tokens=named
    )
    check_question(question, ledgers)
    asked, left_out = ([Asset(named[0], 0)], 0) if named else _most_moved(store, question, until)
    actors = Actors(store, chain_id=question.chain_id)
    transactions = Transactions(store, chain_id=question.chain_id)
    found = []
    for done, asset in enumerate(asked):
        progress.step(done, len(asked), "following money")
        try:
            found.append(_trace_one(replace(question, asset=asset), ledgers, actors, transactions, ranges))
        except StoreEmpty:
            if len(asked) == 1:
                raise
    progress.step(len(asked), len(asked), "following money")
    if not found:
        raise StoreEmpty(_nothing(question), "Try the other --direction, or a wider --since and --until.")
    steps = [step for one in found for path in one.paths for step in path.steps]
    return TraceAnswer(
        as_of,
        found,
        left_out,
        _hashes(store, question.chain_id, steps),
        _symbols(store, question.chain_id, found),
        continuations(store, [one.trace for one in found], ledgers),
    )


def _trace_one(
    question: Question, ledgers: Ledgers, actors: Actors, transactions: Transactions, ranges: Sequence[str]
) -> AssetTrace:
    traced = trace(question, ledgers, actors, transactions)
    main = exposures(traced)
    others = [
        exposures(trace(replace(question, policy=name), ledgers, actors, transactions))
        for name in ranges
        if name != question.policy
    ]
    compared = [main, *others] if question.policy in ranges else others
    bounds = {}
    for key in {key for one in (main, *compared) for key in one}:
        worths = [one[key].worth if key in one else 0 for one in compared]
        bounds[key] = (min(worths, default=0), max(worths, default=0))
    return AssetTrace(traced, main, bounds, strongest_paths(traced))


def _most_moved(store: Store, question: Question, until: int) -> tuple[list[Asset], int]:
    """Assets to trace where none is named, and how many more were moved."""
    moved = store.query(
        load("tracing/assets"),
        chain_id=question.chain_id,
        direction=question.direction,
        addresses=list(question.sources),
        since_block=question.since_block,
        until_block=until,
    ).column("token_address")
    tokens = [bytes(token) for token in moved.to_pylist()]
    if not tokens:
        raise StoreEmpty(
            _nothing(question),
            "Check the address, --chain-id, --since and --until; chainsight transform derives new transfers.",
        )
    return [Asset(token, 0) for token in tokens[:MOST_ASSETS]], max(len(tokens) - MOST_ASSETS, 0)


def _token(store: Store, chain_id: int, text: str) -> bytes:
    """The token that is meant: native, the native coin's symbol, a contract, or a symbol that one listed token has."""
    if text.lower() in ("native", chain_settings(chain_id).native_symbol.lower()):
        return ZERO_ADDRESS
    if text.startswith("0x"):
        return parse_address(text)
    listed = store.query(load("queries/tokens_by_symbol"), chain_id=chain_id).to_pylist()
    found = [row["token_address"] for row in listed if row["symbol"].lower() == text.lower()]
    if not found:
        raise UnknownName("token", text, ["native", *(row["symbol"] for row in listed)])
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} tokens are called {text}: {', '.join(str(show_hex(token)) for token in found[:4])}.",
            next_step="Name the contract instead.",
        )
    return bytes(found[0])


def _hashes(store: Store, chain_id: int, steps: Iterable[Flow]) -> dict[tuple[int, int], bytes]:
    named = sorted({transaction for step in steps for transaction in step.transactions})
    if not named:
        return {}
    rows = store.query(
        load("tracing/hashes"),
        chain_id=chain_id,
        blocks=[block for block, _ in named],
        indices=[index for _, index in named],
    ).to_pylist()
    return {(row["block_number"], row["transaction_index"]): row["transaction_hash"] for row in rows}


def _symbols(store: Store, chain_id: int, found: Iterable[AssetTrace]) -> dict[bytes, tuple[str, int | None]]:
    tokens = {asset.token for one in found for flow in one.trace.flows for asset in (flow.asset, flow.given_asset)}
    rows = store.query(load("tracing/tokens"), chain_id=chain_id, tokens=sorted(tokens)).to_pylist()
    native = chain_settings(chain_id)
    known = {row["token_address"]: (row["symbol"], row["decimals"]) for row in rows}
    return known | {ZERO_ADDRESS: (native.native_symbol, native.native_decimals)}


def _nothing(question: Question) -> str:
    named = ", ".join(str(show_hex(source)) for source in question.sources[:3])
    verb = "given" if question.direction == "out" else "received"
    window = f"from block {question.since_block} to {question.until_block}"
    return f"transfers of coins or fungible tokens that {named} has {verb} {window}"
