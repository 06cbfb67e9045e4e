"""A trace for people: a tree of who gave to whom, a table of what it met, and what a Sankey diagram shows of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chainsight.addresses import ZERO_ADDRESS, show_hex
from chainsight.categories import CATEGORIES
from graph.tracing.answer import AssetTrace, TraceAnswer
from graph.tracing.documents import asset_name, exposure_row, share
from graph.tracing.flow_graph import Flow, Place, Trace
from graph.tracing.flow_paths import departures, strongest

if TYPE_CHECKING:  # drawing libraries are slow to load, and most traces are not drawn
    from chainsight.sankey import Ribbon, Spot

_MOST_BRANCHES, _MOST_LINES, _LEAST_SHOWN = 6, 120, 0.0001
_MOST_IN_A_COLUMN, MOST_COLUMNS, _LEAST_DRAWN = 9, 8, 0.001
_SHOWN_REASONS = frozenset({"held", "hub", "hops", "budget", "service", "returned", "burnt"})


def exposure_rows(one: AssetTrace) -> list[dict[str, Any]]:
    """Rows of the table: what was met, how much directly and in all, and the range over policies."""
    rows = []
    for key, exposure in one.exposures.items():
        row = exposure_row(one.trace, exposure, one.ranges.get(key, (exposure.worth, exposure.worth)))
        rows.append(
            {
                "met": " ".join(part for part in (row["reason"], row["category"]) if part),
                "share": f"{row['share']:.2%}",
                "direct": f"{row['direct']:.2%}",
                "by hops": ", ".join(f"{hop}: {part:.1%}" for hop, part in list(row["by_hop"].items())[:6]),
                "range": f"{row['low']:.1%} to {row['high']:.1%}",
                "addresses": row["addresses"],
                "who": ", ".join(row["actors"][:4]),
            }
        )
    return rows


def tree_lines(answer: TraceAnswer, one: AssetTrace) -> list[str]:
    """The flow graph as a tree from where it begins: the strongest branches first, every place unfolded once."""
    trace = one.trace
    leaving = departures(trace)
    ended: dict[Place, list[str]] = defaultdict(list)
    for end in trace.ends:
        if end.reason in _SHOWN_REASONS:
            ended[Place(end.address, end.asset, end.hop)].append(end.reason)
    lines = []
    for source in trace.question.sources:
        start = Place(source, trace.question.asset, 0)
        lines.append(f"{show_hex(source)}  {quantity(answer, trace.total, trace)}")
        lines += _branches(answer, trace, start, leaving, ended)
    if len(lines) > _MOST_LINES:
        lines = [*lines[:_MOST_LINES], f"… and {len(lines) - _MOST_LINES} lines more: ask for --json or --graphml."]
    return lines


def _branches(
    answer: TraceAnswer,
    trace: Trace,
    start: Place,
    leaving: Mapping[Place, Sequence[Flow]],
    ended: Mapping[Place, Sequence[str]],
) -> Iterator[str]:
    """Lines below a place, as far down as the money went: what is still to be written waits in a list, not on the stack."""
    seen = {start}
    waiting: list[Iterator[tuple[str, Place | None, str]]] = [_level(answer, trace, leaving.get(start, ()), ended, "")]
    while waiting:
        line, far, deeper = next(waiting[-1], ("", None, ""))
        if not line:
            waiting.pop()
        elif far is None:
            yield line
        else:
            yield line + (" (above)" if far in seen and far in leaving else "")
            if far not in seen:
                seen.add(far)
                waiting.append(_level(answer, trace, leaving.get(far, ()), ended, deeper))


def _level(
    answer: TraceAnswer, trace: Trace, flows: Sequence[Flow], ended: Mapping[Place, Sequence[str]], indent: str
) -> Iterator[tuple[str, Place | None, str]]:
    """A line for each flow that leaves one place, where it leads, and how far what is below it is indented."""
    shown = [flow for flow in flows[:_MOST_BRANCHES] if flow.parcel.worth >= _LEAST_SHOWN * trace.total] or flows[:1]
    for number, flow in enumerate(shown):
        is_last = number == len(shown) - 1 and len(flows) == len(shown)
        far = trace.far(flow)
        line = indent + ("└─ " if is_last else "├─ ") + _line(answer, trace, flow, far, ended.get(far, ()))
        yield line, far, indent + ("   " if is_last else "│  ")
    if len(flows) > len(shown):
        rest = sum(flow.parcel.worth for flow in flows[len(shown) :])
        yield f"{indent}└─ … {len(flows) - len(shown)} more, {share(trace, rest):.2%}", None, ""


def _line(answer: TraceAnswer, trace: Trace, flow: Flow, far: Place, reasons: Sequence[str]) -> str:
    said = strongest(trace.said.get(far.address, ()))
    amount = quantity(answer, flow.parcel.amount, trace, flow)
    named = f"  {said.label} ({said.category})" if said else ""
    whom = "exchanged into" if flow.is_exchange else "nobody" if far.address == ZERO_ADDRESS else show_hex(far.address)
    ends = f"  [{', '.join(reasons)}]" if reasons else ""
    other_way = "  (the other way)" if flow.is_redirect else ""
    return f"{share(trace, flow.parcel.worth):7.2%}  {whom}  {amount}{named}{other_way}{ends}"


def quantity(answer: TraceAnswer, amount: int, trace: Trace, flow: Flow | None = None) -> str:
    """An amount in whole coins or tokens where the decimals are known, with the symbol."""
    asset = (
        trace.question.asset if flow is None else flow.asset if trace.question.direction == "out" else flow.given_asset
    )
    named = asset_name(answer, asset)
    symbol = named["symbol"] or named["token"]
    if named["decimals"] is None:
        return f"{amount:,} units of {symbol}"
    coins = Decimal(amount).scaleb(-int(named["decimals"]))
    return f"{coins:,.6g} {symbol}" if coins < 1_000_000 else f"{coins:,.0f} {symbol}"


def sankey_parts(one: AssetTrace) -> tuple[list[Spot], list[Ribbon]]:
    """Places by hop, the largest of each by name and the others together, and what went between them.

    Exchanges into another asset stay within their place. Only the first seven hops are drawn, and of
    them what is wider than a hair: a thousandth of all; if nothing is, everything.
    """
    from chainsight.sankey import Ribbon

    trace = one.trace
    flows = [flow for flow in trace.flows if not flow.is_exchange and flow.hop < MOST_COLUMNS]
    flows = [flow for flow in flows if flow.parcel.worth >= _LEAST_DRAWN * trace.total] or flows
    deepest = max((flow.hop for flow in flows), default=0)
    worth: dict[tuple[bytes, int], int] = defaultdict(int)
    for flow in flows:
        worth[trace.far(flow).address, flow.hop] += flow.parcel.worth
    named = {(source, 0) for source in trace.question.sources}
    for hop in range(1, deepest + 1):
        column = sorted((name for name in worth if name[1] == hop), key=lambda name: (-worth[name], name))
        named.update(column[:_MOST_IN_A_COLUMN])
    spots: dict[tuple[bytes, int], int] = {}
    drawn: list[Spot] = []
    sizes: dict[tuple[int, int], int] = defaultdict(int)
    for flow in flows:
        near, far = trace.near(flow), trace.far(flow)
        ends = []
        for place in (near, far):
            key = (place.address, place.hop) if (place.address, place.hop) in named else (b"", place.hop)
            if key not in spots:
                spots[key] = len(drawn)
                drawn.append(_spot(trace, key, deepest))
            ends.append(spots[key])
        giver, receiver = ends if trace.question.direction == "out" else ends[::-1]  # redirects lead on like the rest
        sizes[giver, receiver] += flow.parcel.worth
    return drawn, [Ribbon(*ends, size / trace.total) for ends, size in sizes.items()]


def _spot(trace: Trace, key: tuple[bytes, int], deepest: int) -> Spot:
    from chainsight.sankey import Spot

    address, hop = key
    column = hop if trace.question.direction == "out" else deepest - hop
    if not address:
        return Spot("others", column, "rest")
    if hop == 0:
        return Spot(_short(address), column, "start")
    said = strongest(trace.said.get(address, ()))
    if said is None:
        return Spot("burnt" if address == ZERO_ADDRESS else _short(address), column, "wallet")
    category = CATEGORIES.get(said.category)
    kind = "mixer" if said.category == "mixer" else "illicit" if category and category.is_illicit else ""
    return Spot(
        said.label or said.category, column, kind or ("service" if category and category.is_service else "wallet")
    )


def _short(address: bytes) -> str:
    text = str(show_hex(address))
    return f"{text[:8]}…{text[-4:]}"
