"""Commands about ways of behaving: segments build | list | show | drift."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from chainsight.addresses import show_hex
from chainsight.cli import app, output
from chainsight.cli.options import ChainOption, JsonOption, StoreOption, chosen_chain, opened_store
from chainsight.cli.profile import parsed_day
from graph.segments.build import WINDOW_DAYS, build_segments, refit_segments
from graph.segments.drift import (
    Drift,
    SegmentsOfDay,
    read_drift,
    read_history,
    read_members,
    read_segments,
    segment_named,
)
from graph.segments.traits import NAMES, TRAITS

segments_app = typer.Typer(no_args_is_help=True, help="Ways in which wallets behave, found without labels.")
app.add_typer(segments_app, name="segments")

DayOption = Annotated[str, typer.Option("--day", help="Last day to look at, as 2024-01-31 (default: the newest).")]
WindowOption = Annotated[int, typer.Option("--window-days", min=1, max=3650, help="Days to look at, up to that day.")]
PlotOption = Annotated[Path | None, typer.Option("--plot", help="Draw it to this file, .html, .png or .svg.")]


@segments_app.callback()
def segments() -> None:
    """Ways in which wallets behave, found without labels."""


@segments_app.command("build")
def build(
    day: DayOption = "",
    window_days: WindowOption = WINDOW_DAYS,
    refit: Annotated[
        bool, typer.Option("--refit", help="Fit the centres anew; segments that go on keep their names.")
    ] = False,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Put every address that was active in the window into a segment; known segments keep centre and name.

    Example: chainsight segments build --day 2024-01-31 --window-days 30
    """
    work = refit_segments if refit else build_segments
    with opened_store(store) as opened, output.watching() as progress:
        chain = chosen_chain(opened, chain_id)
        summary = work(opened, chain_id=chain, day=parsed_day(day), window_days=window_days, progress=progress)
    if output.wants_json(json):
        output.emit(asdict(summary))
    else:
        output.emit_rows(
            [{"segment": name, "addresses": count} for name, count in summary.segments.items()], title=str(summary)
        )


@segments_app.command("list")
def list_(
    day: DayOption = "",
    window_days: WindowOption = WINDOW_DAYS,
    plot: PlotOption = None,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """The segments of a day with their sizes and what distinguishes each; --plot draws a page of it.

    Example: chainsight segments list --plot segments.html
    """
    _require_picture(plot)
    with opened_store(store) as opened:
        chain = chosen_chain(opened, chain_id)
        found = read_segments(opened, chain_id=chain, window_days=window_days, day=parsed_day(day))
        history = read_history(opened, chain_id=chain, window_days=window_days)
    if plot is not None:
        from chainsight.behaviour_pages import segments_page
        from chainsight.plots import save

        output.say(f"Drawn: {save(segments_page(found.segments, NAMES, history, title=_title(found)), plot)}")
    if output.wants_json(json):
        output.emit(_document(found))
    else:
        output.emit_rows([_line(row) for row in found.segments], title=_title(found))


@segments_app.command()
def show(
    name: Annotated[str, typer.Argument(help="Name of a segment, as segments list says it.")],
    day: DayOption = "",
    window_days: WindowOption = WINDOW_DAYS,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """What distinguishes one segment, its size over time, and the addresses most clearly of it.

    Example: chainsight segments show deposit
    """
    with opened_store(store) as opened:
        chain = chosen_chain(opened, chain_id)
        found = read_segments(opened, chain_id=chain, window_days=window_days, day=parsed_day(day))
        row = segment_named(found, name)
        members = read_members(opened, found, row["segment_id"])
        history = read_history(opened, chain_id=chain, window_days=window_days, segment_id=row["segment_id"])
    members = [{**member, "address": show_hex(member["address"])} for member in members]
    if output.wants_json(json):
        output.emit({**_head(found), **_segment(row), "members": members, "history": history})
        return
    told = {"is": row["about"], "addresses": f"{row['address_count']:,}", "centre of": row["fit_day"]}
    lines = [{"": key, " ": value} for key, value in told.items()]
    lines += [{"": "because" if not place else "", " ": text} for place, text in enumerate(row["distinguishes"])]
    output.emit_rows(lines, title=f"{name}, {_title(found)}")
    output.emit_rows([_short_history(one) for one in history], title="over time")
    if members:
        output.emit_rows(
            [{"address": member["address"], "clearness": f"{member['clearness']:.2f}"} for member in members],
            title="most clearly of it",
        )


@segments_app.command()
def drift(
    since: Annotated[str, typer.Option("--since", help="Earlier day (default: the one before).")] = "",
    until: Annotated[str, typer.Option("--until", help="Later day (default: the newest).")] = "",
    window_days: WindowOption = WINDOW_DAYS,
    plot: PlotOption = None,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """How the population moved between two days: shares, who went where, whether the centres still fit.

    Example: chainsight segments drift --since 2024-01-01 --until 2024-01-31 --plot drift.html
    """
    _require_picture(plot)
    with opened_store(store) as opened:
        chain = chosen_chain(opened, chain_id)
        found = read_drift(
            opened, chain_id=chain, window_days=window_days, since=parsed_day(since), until=parsed_day(until)
        )
        history = read_history(opened, chain_id=chain, window_days=window_days)
    if plot is not None:
        from chainsight.behaviour_pages import drift_page
        from chainsight.plots import save

        document = asdict(found)
        output.say(
            f"Drawn: {save(drift_page(document['segments'], document['moves'], history, title=_moved(found)), plot)}"
        )
    if output.wants_json(json):
        moves = [{**move, "examples": [show_hex(address) for address in move["examples"]]} for move in found.moves]
        output.emit({**asdict(found), "moves": moves})
        return
    shares = [
        {
            "segment": one.segment, "before": f"{one.before_share:.1%}", "after": f"{one.after_share:.1%}",
            "index": f"{one.stability_index:.3f}",
            "centre shift": f"{one.centre_shift:.2f}", "outsiders": f"{one.outsider_share:.1%}",
        }
        for one in found.segments
    ]  # fmt: skip
    output.emit_rows(shares, title=_moved(found))
    went = [{"from": m["from_segment"], "to": m["to_segment"], "addresses": m["address_count"]} for m in found.moves]
    if went:
        output.emit_rows(went, title="who went where")
    output.say(found.advice)


def _require_picture(plot: Path | None) -> None:
    """Whether the file can hold a picture, before anything is asked."""
    if plot is not None:
        from chainsight.plots import require_form

        require_form(plot)


def _title(found: SegmentsOfDay) -> str:
    return f"chain {found.chain_id}, {found.window_days} days up to {found.day}, as of block {found.as_of_block:,}"


def _moved(found: Drift) -> str:
    return (
        f"chain {found.chain_id}, {found.from_day} to {found.to_day}: {found.verdict} (index {found.stability_index:.3f}), "
        f"{found.stayed_share:.0%} stayed, {found.arrived:,} arrived, {found.left:,} left"
    )


def _head(found: SegmentsOfDay) -> dict[str, Any]:
    return {
        "chain_id": found.chain_id,
        "window_days": found.window_days,
        "day": found.day,
        "as_of_block": found.as_of_block,
    }


def _document(found: SegmentsOfDay) -> dict[str, Any]:
    traits = [{"name": trait.name, "about": trait.about} for trait in TRAITS]
    return {**_head(found), "traits": traits, "segments": [_segment(row) for row in found.segments]}


def _segment(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its arrays by the names of traits; what is undefined is null, as JSON has no NaN."""
    kept = {name: value for name, value in row.items() if name not in ("centre", "as_of_block", "radius")}
    for column in ("medians", "differences"):
        pairs = zip(NAMES, row[column], strict=False)
        kept[column] = {name: None if value != value else round(value, 6) for name, value in pairs}
    return kept


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "segment": row["segment"],
        "addresses": f"{row['address_count']:,}",
        "share": f"{row['address_share']:.1%}",
        "is": row["about"],
        "because": "\n".join(row["distinguishes"][:3]),
    }


def _short_history(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "day": row["day"],
        "addresses": f"{row['address_count']:,}",
        "share": f"{row['address_share']:.1%}",
        "centre shift": f"{row['centre_shift']:.2f}",
    }
