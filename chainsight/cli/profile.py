"""The command profile: one wallet all round."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer

from chainsight.addresses import parse_address, show_hex
from chainsight.cli import app, output
from chainsight.cli.options import ChainOption, JsonOption, StoreOption, chosen_chain, opened_store
from chainsight.errors import UsageError
from graph.profiles.habits import Amounts, Habits, Preference
from graph.profiles.profile import Holding, Profile, read_profile
from graph.profiles.tokens import Token, show_amount, show_holding

_SHOWN = 5
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@app.command()
def profile(
    address: Annotated[str, typer.Argument(help="0x and 40 hex digits.")],
    day: Annotated[
        str, typer.Option("--day", help="Day to look at, as 2024-01-31 (default: its last with a move).")
    ] = "",
    plot: Annotated[Path | None, typer.Option("--plot", help="Draw it to this file, .html, .png or .svg.")] = None,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """What a wallet holds and uses, its habits, and where a day departs from them, with the transactions that show it.

    Example: chainsight profile 0x1f7dfbe993e511b2a1627d3a17c4fd1c28b7870c --plot wallet.html
    """
    key = parse_address(address)
    if plot is not None:
        from chainsight.plots import require_form

        require_form(plot)
    with opened_store(store) as opened:
        found = read_profile(opened, key, chain_id=chosen_chain(opened, chain_id), day=parsed_day(day))
    document = to_document(found)
    if plot is not None:
        from chainsight.behaviour_pages import profile_page
        from chainsight.plots import save

        output.say(f"Drawn: {save(profile_page(document, title=_title(found)), plot)}")
    if output.wants_json(json):
        output.emit(document)
    else:
        _show(found, document)


def parsed_day(text: str) -> dt.date | None:
    """A day from 2024-01-31, None from nothing; raises `UsageError`."""
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day.", next_step="Write it as 2024-01-31.") from None


def to_document(found: Profile) -> dict[str, Any]:
    """A profile as one JSON document: addresses as 0x text, amounts exact as text."""
    return {
        "chain_id": found.chain_id,
        "address": show_hex(found.address),
        "as_of_block": found.as_of_block,
        "day": found.day,
        "labels": [{"actor": name.actor, "category": name.category} for name in found.names.get(found.address, [])],
        "segments": [
            {
                "segment": one.segment, "day": one.day, "window_days": one.window_days, "clearness": one.clearness,
                "is_outsider": one.is_outsider,
            }
            for one in found.segments
        ],
        "first_seen": found.first_seen,
        "last_seen": found.last_seen,
        **{name: value for name, value in found.overview.items() if name != "fee_amount"},
        "fee_amount": str(found.overview["fee_amount"]),
        "moves_left_out": found.moves_left_out,
        "holdings": [_holding(one, found) for one in found.holdings],
        "habits": _habits(found.habits, found),
        "moves_today": found.moves_today,
        "departures": [
            {
                "kind": one.kind, "sentence": one.sentence, "surprise_bits": round(one.surprise, 2),
                "evidence": [found.hashes[place] for place in one.evidence if place in found.hashes],
            }
            for one in found.departures
        ],
        "days": [{"day": day, "moves": count} for day, count in found.days],
    }  # fmt: skip


def _holding(one: Holding, found: Profile) -> dict[str, Any]:
    token = found.tokens[one.token]
    units = None
    if one.standard in ("native", "erc20") and token.decimals is not None:
        units = one.amount / 10**token.decimals
    return {
        **_token(token),
        "standard": one.standard,
        "amount": str(one.amount),
        "units": units,
        "items": one.items,
        "usd_value": None if units is None or one.price_usd is None else units * one.price_usd,
        "last_changed": one.last_changed,
    }


def _token(token: Token) -> dict[str, Any]:
    """The contract, and what to call it: a symbol that no list gives is marked as unproven in the name."""
    return {
        "token": show_hex(token.address),
        "name": str(token),
        "symbol": token.symbol or None,
        "is_listed": token.is_listed,
        "imitates": token.imitates or None,
    }


def _habits(habits: Habits, found: Profile) -> dict[str, Any]:
    rest, rhythm = habits.hours.rest, habits.hours.rhythm
    return {
        "moves": habits.moves,
        "acts": habits.acts,
        "hours": {
            "shares": habits.hours.shares,
            "weekday_shares": habits.hours.weekday_shares,
            "rest": rest and {"from_hour": rest.from_hour, "to_hour": rest.to_hour, "share": rest.share},
            "rhythm": rhythm
            and {"seconds": rhythm.seconds, "strength": rhythm.strength, "p_value": rhythm.p_value, "is": str(rhythm)},
        },
        "tokens": [_preference(one, "token", found) for one in habits.tokens],
        "counterparties": [_preference(one, "counterparty", found) for one in habits.counterparties],
        "protocols": [_preference(one, "contract", found) for one in habits.protocols],
        "amounts": [_amounts(one, found.tokens) for one in habits.amounts],
    }


def _preference(one: Preference, kind: str, found: Profile) -> dict[str, Any]:
    token = found.tokens.get(one.key) if kind != "counterparty" else None
    names = found.names.get(one.key, [])
    called = names[0].actor if names else str(token) if token is not None else ""
    who = _token(found.tokens[one.key]) if kind == "token" else {kind: show_hex(one.key), "name": called}
    return {
        **who, "category": names[0].category if names else "", "moves": one.moves,
        "share": one.share, "days": one.days, "out_moves": one.out_moves,
        "first_at": dt.datetime.fromtimestamp(one.first_at, dt.UTC), "last_at": dt.datetime.fromtimestamp(one.last_at, dt.UTC),
        **({"methods": one.methods} if one.methods else {}),
    }  # fmt: skip


def _amounts(one: Amounts, tokens: Any) -> dict[str, Any]:
    token: Token = tokens[one.token]
    exact = {name: str(getattr(one, name)) for name in ("tenth", "median", "ninetieth", "largest", "usual")}
    return {
        **_token(token), "direction": one.direction,
        "payments": one.payments, **exact, "usual_payments": one.usual_payments,
        "is": f"{show_amount(one.tenth, token)} to {show_amount(one.ninetieth, token)}, median {show_amount(one.median, token)}",
    }  # fmt: skip


def _title(found: Profile) -> str:
    return f"{show_hex(found.address)}, chain {found.chain_id}, {found.day}, as of block {found.as_of_block:,}"


def _show(found: Profile, document: dict[str, Any]) -> None:
    rows = [{"": key, " ": value} for key, value in _facts(found, document)]
    output.emit_rows(rows, title=_title(found))
    holdings = zip(document["holdings"][:_SHOWN], found.holdings, strict=False)
    output.emit_rows([_held(row, found.tokens[one.token]) for row, one in holdings], title="holds")
    for title, name in (("tokens", "tokens"), ("deals with", "counterparties"), ("calls", "protocols")):
        if preferred := document["habits"][name]:
            output.emit_rows([_short(row) for row in preferred[:_SHOWN]], title=title)
    departures = [
        {
            "what": one["kind"],
            "seen": one["sentence"],
            "bits": one["surprise_bits"],
            "transactions": "\n".join(one["evidence"][:3]),
        }
        for one in document["departures"]
    ]
    if departures:
        output.emit_rows(departures, title=f"where {found.day} departs from its habit")
    else:
        moves = "1 move" if found.moves_today == 1 else f"{found.moves_today:,} moves"
        output.emit_text(f"{found.day}: {moves}, nothing that departs from its habit.")


def _facts(found: Profile, document: dict[str, Any]) -> list[tuple[str, str]]:
    """What a line each is said of the wallet as a whole."""
    hours = found.habits.hours
    busiest = sorted(range(24), key=lambda hour: -hours.shares[hour])[:3]
    weekday = max(range(7), key=lambda day: hours.weekday_shares[day])
    lines = [
        ("labels", ", ".join(f"{one['actor']} ({one['category']})" for one in document["labels"]) or "–"),
        ("behaves like", ", ".join(f"{one.segment} ({one.window_days} days up to {one.day})" for one in found.segments) or "–"),
        ("seen", f"{found.first_seen:%F %T} to {found.last_seen:%F %T} UTC, on {found.overview['active_days']:,} days"),
        ("did", f"{found.overview['transfers']:,} transfers, {found.overview['transactions_signed']:,} transactions signed, "
                f"{found.overview['counterparties']:,} counterparties, {found.overview['tokens']:,} tokens"),
        ("hours", ", ".join(f"{hour}:00 ({hours.shares[hour]:.0%})" for hour in busiest) + f"; most on {_WEEKDAYS[weekday]}"),
        ("rests", f"{hours.rest.from_hour}:00 to {hours.rest.to_hour}:00 UTC" if hours.rest else "no hours to be seen"),
        ("rhythm", str(hours.rhythm) if hours.rhythm else "none to be seen"),
        *(("gives" if one["direction"] == "out" else "gets", f"{one['is']} ({one['payments']:,} payments)")
          for one in document["habits"]["amounts"][:_SHOWN]),
    ]  # fmt: skip
    if found.moves_left_out:
        lines.append(("note", f"only its newest {len(found.days):,} days were read: it has too many moves"))
    return lines


def _held(row: dict[str, Any], token: Token) -> dict[str, Any]:
    """A line of what it holds: coins in whole units, collectibles by number."""
    is_collectible = row["standard"] in ("erc721", "erc1155")
    return {
        "token": row["name"],
        "has": f"{row['items']:,} of the collection" if is_collectible else show_holding(int(row["amount"]), token),
        "worth": "–" if row["usd_value"] is None else f"{row['usd_value']:,.2f} USD",
        "last changed": f"{row['last_changed']:%F}",
    }


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """A line of what it comes back to; a token goes by its name, anybody else by name and address."""
    left_out = {"first_at", "last_at", "category", "symbol", "is_listed", "imitates"}
    if "token" in row:
        row = {"token": row["name"], **{name: value for name, value in row.items() if name not in ("token", "name")}}
    return {name: _told(name, value) for name, value in row.items() if name not in left_out}


def _told(name: str, value: Any) -> Any:
    if name == "share":
        return f"{value:.1%}"
    return ", ".join(value) if name == "methods" else value
