"""How many of a theft's terminals a trace finds among other people's payments, and at what cost, by policy.

Data: the folder tracing (two verified flows), hidden in the folder accounts beside it as bench/flow_mix.py says. A trace begins
at all sources of a flow together and may look at 1,000 addresses. Nothing is labelled, so only the hub cap, the least share and
the budget stop it. Recall is over the terminals that have a payment in the data (of the 14 listed for HB three have none);
precision is the share of addresses looked at that belong to the flow. A seed draws whose lives the addresses of a flow lead; the
background and the flows stay. Figures are means over seeds, NAME_least and NAME_most the least and the most of them.

Every policy is measured at the same least share, 0.00001 (set after looking at LIFI, whose small terminals got 336 of 9.7 million
dollars each: with 0.0001 a trace rightly leaves those out), and POLICY_best at that of `SHARES` with which it does best: highest
recall, then precision, chosen on these very flows (its p95_ms is that of the common least share). Nothing else is fitted, so
`test` replaces `data`.

p95_ms is of traces of at most five hops, each with everything read anew from the store: from each source of the flows and from
ordinary accounts of the background, in an order drawn by the seed, until 30 seconds are spent (timed_traces says of how many;
all but ttr get to the end). p95_answer_ms is of what `chainsight trace` answers from there: the trace of haircut with
its range, which is a trace by each accounting policy on the same histories, and what it says about tokens and transactions.

breadth_first takes addresses in the order of their distance, whatever was paid and when, up to the same 1,000;
breadth_first_5_hops takes all within five hops; NAME_hub_cap goes through nobody with more transfers than the cap, as the traces
do. All walk a graph in memory, and their milliseconds are of that walk alone.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from bench.flow_mix import Background, HiddenFlow, hide_all, pour, read_background
from bench.machine import describe_machine
from chainsight.errors import ChainsightError
from chainsight.settings import settings
from graph.tracing.actors import Actors
from graph.tracing.answer import follow_money
from graph.tracing.flow_graph import Question, Trace
from graph.tracing.ledgers import HUB_CAP, Ledgers
from graph.tracing.policies import POLICIES
from graph.tracing.push import trace
from graph.tracing.transactions import Transactions
from sql.store import Store, open_store

SEEDS = (0, 1, 2)
SHARES = (0.00001, 0.0001, 0.001)
_CHAIN = 1
_BUDGET, _HOPS = 1_000, 20
_QUICK_HOPS, _ORDINARY_STARTS = 5, 60
_TRIAL_SECONDS = 30
_HEADLINE = "haircut"
_WALKS = {
    "breadth_first": (_BUDGET, _HOPS, False),
    "breadth_first_hub_cap": (_BUDGET, _HOPS, True),
    "breadth_first_5_hops": (2**62, _QUICK_HOPS, False),
    "breadth_first_5_hops_hub_cap": (2**62, _QUICK_HOPS, True),
}
"""Addresses at most, hops at most, and whether hubs end a walk."""


def run(data: Path | None, test: Path | None) -> dict[str, Any]:
    """Figures of haircut, of the other policies and of breadth-first search, with the same keys."""
    return measure(test or data or settings().data / "tracing", seeds=SEEDS, starts=_ORDINARY_STARTS)


def measure(folder: Path, *, seeds: Iterable[int], starts: int) -> dict[str, Any]:
    """The same with other seeds, and other numbers of ordinary accounts to begin at."""
    started = time.monotonic()
    beside = folder.resolve().parent / "accounts"
    background = read_background(beside if beside.is_dir() else settings().data / "accounts")
    rows: dict[tuple[str, float], list[dict[str, float]]] = defaultdict(list)
    for seed in seeds:
        flows = hide_all(folder, background, seed=seed)
        with tempfile.TemporaryDirectory(prefix="trace-") as scratch:
            store = open_store(f"chdb://{scratch}/store")
            try:
                last = pour(store, _CHAIN, background, flows)
                _measure_policies(store, last, flows, _starts(background, flows, starts, seed), rows)
            finally:
                store.close()
        for name, (budget, hops, is_capped) in _WALKS.items():
            rows[name, 0.0].append(_breadth_first(background, flows, budget, hops, is_capped=is_capped))
    spread = {name: _spread(figures) for name, figures in rows.items()}
    table = {name: figures for (name, share), figures in spread.items() if share in (0.0, SHARES[0])}
    table |= {f"{policy}_best": _best(spread, policy) for policy in POLICIES}
    return {
        "name": "trace",
        "data": str(folder),
        "figures": table.pop(_HEADLINE),
        "baselines": table,
        "seconds": round(time.monotonic() - started, 1),
        "machine": describe_machine(),
    }


def _measure_policies(
    store: Store,
    last: int,
    flows: list[HiddenFlow],
    starts: list[bytes],
    rows: dict[tuple[str, float], list[dict[str, float]]],
) -> None:
    """Every policy at every least share; the time only at the first, which is common to all."""
    sources = _Sources.of(store, last)
    for policy in POLICIES:
        for share in SHARES:
            found = _followed(sources, last, flows, policy, share)
            if share == SHARES[0]:
                found |= _timed(starts, partial(_trace, store, last, policy))
                if policy == _HEADLINE:
                    found |= _timed(starts, partial(_answer, store, last), name="answer_ms")
            rows[policy, share].append(found)


def _best(spread: dict[tuple[str, float], dict[str, float]], policy: str) -> dict[str, float]:
    share = max(SHARES, key=lambda one: (spread[policy, one]["recall"], spread[policy, one]["precision"]))
    timed = {name: figure for name, figure in spread[policy, SHARES[0]].items() if name.startswith("p95_ms")}
    return timed | spread[policy, share] | {"least_share": share}


class _Sources(NamedTuple):
    """What traces are answered from."""

    ledgers: Ledgers
    actors: Actors
    transactions: Transactions

    @classmethod
    def of(cls, store: Store, last: int) -> _Sources:
        """Of a store from which nothing was read yet."""
        return cls(
            Ledgers(store, chain_id=_CHAIN, until_block=last),
            Actors(store, chain_id=_CHAIN),
            Transactions(store, chain_id=_CHAIN),
        )


def _followed(sources: _Sources, last: int, flows: list[HiddenFlow], policy: str, share: float) -> dict[str, float]:
    """Recall, precision and addresses of one trace for each flow."""
    figures: dict[str, float] = {}
    for flow in flows:
        question = Question(
            _CHAIN, tuple(flow.sources), policy=policy, hops=_HOPS, budget=_BUDGET, least_share=share, until_block=last
        )
        figures |= _judged(flow, set(trace(question, *sources).visited))
    return _over_flows(figures, flows)


def _judged(flow: HiddenFlow, looked_at: set[bytes]) -> dict[str, float]:
    others = looked_at - set(flow.sources)
    return {
        f"{flow.name}_recall": len(others & flow.terminals) / len(flow.terminals),
        f"{flow.name}_precision": len(others & flow.members) / max(len(others), 1),
        f"{flow.name}_nodes": float(len(others)),
    }


def _over_flows(figures: dict[str, float], flows: list[HiddenFlow]) -> dict[str, float]:
    mean = {
        name: float(np.mean([figures[f"{flow.name}_{short}"] for flow in flows]))
        for name, short in (("recall", "recall"), ("precision", "precision"), ("nodes_visited", "nodes"))
    }
    return mean | figures


def _timed(starts: list[bytes], ask: Callable[[bytes], Trace], *, name: str = "ms") -> dict[str, float]:
    """Milliseconds of traces of few hops, each with ledgers of its own; CPU is of all threads, the store's among them."""
    wall, used, nodes = [], [], []
    last = time.monotonic() + _TRIAL_SECONDS
    for address in starts:
        if time.monotonic() > last:
            break
        began, cpu = time.perf_counter(), time.process_time()
        try:
            found = ask(address)
        except ChainsightError:
            continue  # it never gave anything, or it is a hub
        wall.append(1_000 * (time.perf_counter() - began))
        used.append(1_000 * (time.process_time() - cpu))
        nodes.append(len(found.visited))
    return {
        f"p50_{name}": float(np.quantile(wall, 0.5)),
        f"p95_{name}": float(np.quantile(wall, 0.95)),
        f"p95_cpu_{name}": float(np.quantile(used, 0.95)),
        "p95_nodes_of_5_hops": float(np.quantile(nodes, 0.95)),
        f"timed_{name.replace('ms', 'traces')}": float(len(wall)),
    }


def _quick(address: bytes, policy: str, last: int) -> Question:
    return Question(
        _CHAIN, (address,), policy=policy, hops=_QUICK_HOPS, budget=_BUDGET, least_share=SHARES[0], until_block=last
    )


def _trace(store: Store, last: int, policy: str, address: bytes) -> Trace:
    return trace(_quick(address, policy, last), *_Sources.of(store, last))


def _answer(store: Store, last: int, address: bytes) -> Trace:
    return follow_money(store, _quick(address, _HEADLINE, last), token="native").assets[0].trace


def _starts(background: Background, flows: list[HiddenFlow], count: int, seed: int) -> list[bytes]:
    random = np.random.default_rng(1_000 + seed)
    givers = np.intersect1d(background.whole, background.payments.giver)
    drawn = [background.names[place].tobytes() for place in random.choice(givers, count, replace=False)]
    starts = [*(source for flow in flows for source in flow.sources), *drawn]
    return [starts[place] for place in random.permutation(len(starts))]


def _breadth_first(
    background: Background, flows: list[HiddenFlow], budget: int, hops: int, *, is_capped: bool
) -> dict[str, float]:
    """Everybody that money could have reached, near ones first, until the budget is spent."""
    names = np.unique(np.concatenate([background.names, *(flow.names for flow in flows)]).view("S20"))
    ends = [(background.payments, background.names), *((flow.payments, flow.names) for flow in flows)]
    giver = np.concatenate([np.searchsorted(names, own.view("S20"))[payments.giver] for payments, own in ends])
    receiver = np.concatenate([np.searchsorted(names, own.view("S20"))[payments.receiver] for payments, own in ends])
    graph = csr_array((np.ones(len(giver), np.int8), (giver, receiver)), shape=(len(names), len(names)))
    transfers = np.bincount(giver, minlength=len(names)) + np.bincount(receiver, minlength=len(names))
    is_hub = (transfers > HUB_CAP) & is_capped
    figures: dict[str, float] = {}
    times = []
    for flow in flows:
        sources = np.searchsorted(names, np.array(flow.sources, "S20"))
        began = time.perf_counter()
        reached = _reach(graph, is_hub, sources, budget, hops)
        times.append(1_000 * (time.perf_counter() - began))
        figures |= _judged(flow, {bytes(names[place]).ljust(20, b"\0") for place in reached})
    return _over_flows(figures, flows) | {"p95_ms": max(times)}


def _reach(
    graph: csr_array, is_hub: NDArray[np.bool_], sources: NDArray[np.int64], budget: int, hops: int
) -> list[int]:
    seen = np.zeros(graph.shape[0], bool)
    seen[sources] = True
    order: list[int] = []
    border = list(sources)
    for _ in range(hops):
        following = []
        for place in border:
            near = graph.indices[graph.indptr[place] : graph.indptr[place + 1]]
            new = near[~seen[near]][: budget - len(order)]
            seen[new] = True
            order += new.tolist()
            following += new[~is_hub[new]].tolist()
        border = following
    return order


def _spread(figures: list[dict[str, float]]) -> dict[str, float]:
    """Means over seeds; of what is read most the least and the most, too."""
    found = {name: round(float(np.mean([row[name] for row in figures])), 4) for name in figures[0]}
    for name in ("recall", "precision", "nodes_visited", "p95_ms", "p95_answer_ms"):
        if name in found:
            found[f"{name}_least"] = round(min(row[name] for row in figures), 4)
            found[f"{name}_most"] = round(max(row[name] for row in figures), 4)
    return found
