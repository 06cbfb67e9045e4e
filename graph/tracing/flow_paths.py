"""Read a flow graph: the strongest path to each end, and what it exposes the beginning to, near and far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from chainsight.categories import CATEGORIES
from graph.tracing.flow_graph import End, Flow, Place, Statement, Trace
from graph.tracing.lots import Parcel


@dataclass(frozen=True)
class Path:
    """The strongest way from the beginning to one end; steps in the order of the trace, backwards from the end of the money."""

    end: End
    parcel: Parcel
    """What ended there, over all ways."""
    steps: list[Flow]


@dataclass
class Exposure:
    """How much of the money met one kind of counterparty, or ended in one way."""

    reason: str
    """Of the ends; `passed` where it met somebody labelled and went on."""
    category: str
    """Of the label; empty where nobody labelled it."""
    by_hop: dict[int, int] = field(default_factory=dict)
    """Worth by hops from the beginning."""
    addresses: set[bytes] = field(default_factory=set)
    actors: set[str] = field(default_factory=set)

    @property
    def worth(self) -> int:
        """All of it; of what passed, the most at any one hop, because the same money passes several."""
        return (max if self.reason == "passed" else sum)(self.by_hop.values())

    @property
    def direct(self) -> int:
        """What met it at the first hop."""
        return self.by_hop.get(1, 0)

    def add(self, hop: int, worth: int, address: bytes, actor: str) -> None:
        """Some more of it."""
        self.by_hop[hop] = self.by_hop.get(hop, 0) + worth
        self.addresses.add(address)
        if actor:
            self.actors.add(actor)


def exposures(trace: Trace) -> dict[tuple[str, str], Exposure]:
    """By reason and category: every end, and every labelled address that money passed on its way; the largest first."""
    found: dict[tuple[str, str], Exposure] = {}
    for end, parcel in trace.ends.items():
        name = (end.reason, end.category)
        found.setdefault(name, Exposure(*name)).add(end.hop, parcel.worth, end.address, end.actor)
    stopped = {end.address for end in trace.ends if end.reason == "service"}
    for flow in trace.flows:
        farther = trace.far(flow).address
        said = strongest(trace.said.get(farther, ()))
        if said is not None and not flow.is_exchange and farther not in stopped:
            name = ("passed", said.category)
            found.setdefault(name, Exposure(*name)).add(flow.hop, flow.parcel.worth, farther, said.actor)
    return dict(sorted(found.items(), key=lambda item: (item[0][0] == "passed", -item[1].worth, item[0])))


def strongest(said: Iterable[Statement]) -> Statement | None:
    """The statement that matters most: illicit conduct before all, then the gravest, then services."""
    order = ("service", "conduct", "kind")
    return min(
        said,
        key=lambda label: (-CATEGORIES[label.category].severity if label.category in CATEGORIES else 0.0,
                           order.index(label.aspect) if label.aspect in order else len(order)),
        default=None,
    )  # fmt: skip


def strongest_paths(trace: Trace, *, most: int = 20) -> list[Path]:
    """To each of the largest ends, the way along which, step by step from the end, most money came.

    Ends that are merely remains (gas, below the least share) have no path of their own, nor has what never left the beginning.
    """
    arriving = arrivals(trace)
    ends = [end for end in trace.ends if end.reason not in ("fees", "below_share")]
    largest = sorted(ends, key=lambda end: (-trace.ends[end].worth, end.address, end.asset, end.reason, end.hop))[:most]
    paths = [Path(end, trace.ends[end], _back(trace, end, arriving)) for end in largest]
    return [path for path in paths if path.steps]


def arrivals(trace: Trace) -> Mapping[Place, list[Flow]]:
    """Flows by the place they reach, the strongest first."""
    return _sorted_by(trace.flows, trace.far)


def departures(trace: Trace) -> Mapping[Place, list[Flow]]:
    """Flows by the place they leave, the strongest first."""
    return _sorted_by(trace.flows, trace.near)


def _sorted_by(flows: Iterable[Flow], place: Callable[[Flow], Place]) -> Mapping[Place, list[Flow]]:
    found: dict[Place, list[Flow]] = defaultdict(list)
    for flow in sorted(flows, key=lambda flow: (-flow.parcel.worth, flow.giver, flow.receiver)):
        found[place(flow)].append(flow)
    return found


def _back(trace: Trace, end: End, arriving: Mapping[Place, list[Flow]]) -> list[Flow]:
    steps: list[Flow] = []
    place, seen = Place(end.address, end.asset, end.hop), set()
    while place in arriving and place not in seen:
        seen.add(place)
        steps.append(arriving[place][0])
        place = trace.near(steps[-1])
    return steps[::-1]
