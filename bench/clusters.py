"""How well addresses of one owner are brought together: on the Hop airdrop's groups and on the demo's truth.

The folder (`clusters`) has the users of the Hop airdrop, their payments without amounts and times, and groups that reports
took for one owner's. What of ours can be asked of such data is asked: shared deposit addresses, and payments between people
whose probability is learned; joined by the same code as in a store. Protocol: the groups are halved by dice (SEED); what is
learned from one half, in whose eyes the other's addresses are in no group, is judged on the pairs that an address of the other
half is in, and the other way round. Figures are the mean of both halves, `first_` and `second_` those of each; `in_sample_`
ones, learned and judged on all groups, are there to compare. With `--test` all of `--data` is learned from and all of `--test`
judged. That truth is a heuristic itself (whoever paid each other is one group), half of its addresses paid nobody in the files,
and one group has 97 % of all pairs: pair figures of its half are that group's, B-cubed ones everybody's. The demo's figures are
those of `chainsight entities build`; nothing of it was fitted on this story. A folder like demo/ in place of `clusters` gives
the second part alone.

Baselines: everybody who is connected at all is one owner's; shared deposit addresses alone, as Victor (2020) without a cap; and
no baseline but a ceiling, the payments between grouped addresses alone, which only the truth can pick out.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import demo
from bench.hop import HopGraph, components, entities_of, fit_purity, halved, read_hop, shared_deposits
from bench.owners import Ints, judge, numbered, owners_of_story
from bench.stories import filled
from chainsight.settings import settings
from graph.entities.build import build_entities
from graph.entities.clusters import NOBODY, Floats
from sql.store import Store

SEED = 0
"""Of the dice that halve the groups."""
_DECIMALS = 4
_NO_CAP = 10**9


def run(data: Path | None, test: Path | None) -> dict[str, Any]:
    """Pair and B-cubed precision and recall, the largest cluster; fitted on `data` and scored on `test` if there is one."""
    started = time.monotonic()
    story = Path(demo.__file__).parent
    folder = data or settings().data / "clusters"
    if (folder / "truth.csv").is_file():
        scored = test or folder
        figures, baselines = _of_story(scored)
    else:
        scored = test or folder
        figures, baselines = _of_hop(folder, scored)
        told, beside = _of_story(story)
        figures |= {f"demo_{name}": value for name, value in told.items()}
        for name, values in beside.items():
            baselines[name] |= {f"demo_{key}": value for key, value in values.items()}
    return {
        "name": "clusters",
        "data": str(scored),
        "figures": figures,
        "baselines": baselines,
        "seconds": round(time.monotonic() - started, 1),
    }


def _of_hop(data: Path, test: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    learned_from = read_hop(data)
    graph = learned_from if test == data else read_hop(test)
    begun = time.monotonic()
    whole = entities_of(graph, fit_purity(learned_from))
    figures: dict[str, Any] = {"cluster_seconds": round(time.monotonic() - begun, 2)}
    if test == data:
        halves = halved(graph, SEED)
        parts = [
            _judge_hop(graph, entities_of(graph, fit_purity(other)), half) for half, other in (halves, halves[::-1])
        ]
        figures |= {name: _mean([part[name] for part in parts]) for name in parts[0]}
        for title, part in zip(("first", "second"), parts, strict=True):
            figures |= {f"{title}_{name}": value for name, value in part.items()}
        figures |= {f"in_sample_{name}": value for name, value in _judge_hop(graph, whole, graph).items()}
    else:
        halves = (graph, graph)
        figures |= _judge_hop(graph, whole, graph)
    baselines = {}
    for name, found in _baselines_of_hop(graph).items():
        parts = [_judge_hop(graph, found, half) for half in halves]
        baselines[name] = {key: _mean([part[key] for part in parts]) for key in parts[0]}
        baselines[name] |= {f"in_sample_{key}": value for key, value in _judge_hop(graph, found, graph).items()}
    return figures, baselines


def _baselines_of_hop(graph: HopGraph) -> dict[str, Ints]:
    return {
        "components": components(graph.size, graph.pairs),
        "deposit_reuse": components(graph.size, shared_deposits(graph, _NO_CAP)),
        "ceiling": components(graph.size, graph.pairs[(graph.group[graph.pairs] != NOBODY).all(axis=1)]),
    }


def _mean(values: list[float]) -> float:
    return round(sum(values) / len(values), _DECIMALS)


def _judge_hop(graph: HopGraph, found: Ints, half: HopGraph) -> dict[str, Any]:
    """Figures of the groups of `half` among all grouped addresses: whoever of the other half is joined to them is wrong."""
    judged = graph.group != NOBODY
    here = half.group != NOBODY
    largest = np.bincount(graph.group[judged]).argmax()
    others = here & (graph.group != largest)
    paid = judged & (graph.degree > 0)

    def figures(among: np.ndarray, chosen: np.ndarray) -> dict[str, float]:
        return judge(graph.group[among], found[among], chosen[among])

    return {
        **figures(judged, here),
        "largest_cluster": int(np.bincount(found).max()),
        "paying_bcubed_recall": figures(paid, here)["bcubed_recall"],
        "without_largest_pair_precision": figures(judged, others)["pair_precision"],
        "without_largest_pair_recall": figures(judged, others)["pair_recall"],
    }


def _of_story(folder: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    owners = owners_of_story(folder / "truth.csv")
    addresses = sorted(owners)
    numbers = numbered(owners[address] for address in addresses)
    people = np.array([not owners[address].startswith("exchange_") for address in addresses])
    with tempfile.TemporaryDirectory() as scratch, filled(folder, Path(scratch)) as (store, chain_id):
        begun = time.monotonic()
        summary = build_entities(store, chain_id=chain_id)
        seconds = time.monotonic() - begun
        named = store.query("SELECT address, entity_id FROM entity_members").to_pylist()
        found = {row["address"]: row["entity_id"] for row in named}
        figures = _judge_story(numbers, people, numbered(found.get(a, a.hex()) for a in addresses))
        figures |= {
            "largest_cluster": summary.largest,
            "entities": summary.entities,
            "build_seconds": round(seconds, 2),
        }
        figures |= _judge_probabilities(store, owners)
        baselines = {
            name: _judge_story(numbers, people, _components_of(store, query, addresses))
            for name, query in _BASELINES.items()
        }
    return figures, baselines


def _judge_story(owners: Ints, people: np.ndarray, found: Ints) -> dict[str, Any]:
    """All judged addresses; then those that are no exchange's, whose hundreds of deposit addresses make most pairs."""
    return judge(owners, found) | {
        f"people_{name}": value for name, value in judge(owners[people], found[people]).items()
    }


def _judge_probabilities(store: Store, owners: dict[bytes, str]) -> dict[str, Any]:
    """How far the probabilities of soft pairs with known owners are from the truth; pairs that only hours link apart."""
    rows = store.query(
        "SELECT left_address, right_address, max(probability) AS p, min(heuristic = 'timing_profile') AS only_hours"
        " FROM entity_links WHERE is_hard = 0 GROUP BY left_address, right_address"
    ).to_pylist()
    known = [row for row in rows if row["left_address"] in owners and row["right_address"] in owners]
    same = np.array([owners[row["left_address"]] == owners[row["right_address"]] for row in known], dtype=float)
    stated, only_hours = (
        np.array([row["p"] for row in known]),
        np.array([row["only_hours"] for row in known], dtype=bool),
    )
    figures: dict[str, Any] = {}
    for name, chosen in (("soft", ~only_hours), ("timing", only_hours)):
        figures |= {f"{name}_{key}": value for key, value in _judge_stated(stated[chosen], same[chosen]).items()}
    return figures


def _judge_stated(stated: Floats, same: Floats) -> dict[str, Any]:
    """Brier score beside that of the base rate, and the calibration error over ten bins."""
    if not len(stated):
        return {"pairs": 0}
    bins = np.minimum((stated * 10).astype(int), 9)
    gaps = [abs(same[bins == b].mean() - stated[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins)]
    return {
        "pairs": len(stated),
        "brier": round(float(np.mean((stated - same) ** 2)), _DECIMALS),
        "brier_of_base_rate": round(float(same.mean() * (1 - same.mean())), _DECIMALS),
        "calibration_error": round(float(sum(gaps)), _DECIMALS),
    }


_BASELINES = {
    "components": "SELECT DISTINCT from_address AS one, to_address AS other FROM transfers WHERE kind != 'fee'"
    " AND from_address != toFixedString('', 20) AND to_address != toFixedString('', 20)",
    "deposit_reuse": "SELECT left_address AS one, right_address AS other FROM entity_links"
    " WHERE heuristic IN ('deposit_reuse', 'custody')",
}


def _components_of(store: Store, query: str, addresses: list[bytes]) -> Ints:
    pairs = store.query(query).to_pylist()
    names = sorted({*addresses, *(row["one"] for row in pairs), *(row["other"] for row in pairs)})
    place = {name: number for number, name in enumerate(names)}
    ends = np.array([(place[row["one"]], place[row["other"]]) for row in pairs], dtype=np.int64).reshape(-1, 2)
    return components(len(names), ends)[[place[address] for address in addresses]]
