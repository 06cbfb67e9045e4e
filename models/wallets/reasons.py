"""Why a wallet is scored as it is, for people: contributions by theme that add up to the score, and the strongest as sentences.

"sent to 412 counterparties, more than 99.2 % of wallets: +1.31" says a feature's value in its unit, where it stands among the
wallets of the chain, and what it adds to the log-odds (TreeSHAP, Lundberg et al. 2020).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.features.catalogue import catalogue
from models.wallets.model import Shares
from models.wallets.peers import Peers
from models.wallets.words import NAMES

REASONS = 6
WORDS = "words"
_SAID = {
    "in_counterparties": "received from {} counterparties",
    "out_counterparties": "sent to {} counterparties",
    "counterparties": "met {} counterparties",
    "in_count": "received {} times",
    "out_count": "sent {} times",
    "move_count": "moved {} times",
    "in_amount_sum": "received {} in all",
    "out_amount_sum": "sent {} in all",
    "in_amount_max": "received {} at most at once",
    "out_amount_max": "sent {} at most at once",
    "lifetime": "lived {} from first to last move",
    "active_days": "was active on {} days",
    "gap_median": "half of its pauses are shorter than {}",
    "delay_median": "usually waits {} before sending on",
    "tokens": "met {} tokens",
    "token_in_count": "received {} token transfers",
    "token_out_count": "sent {} token transfers",
}
_WORDS_SAID = {
    "token": "the tokens it moves",
    "method": "the methods it calls",
    "call": "the calls it makes",
    "amount": "the exact amounts it moves",
    "counterparty": "the counterparties it meets",
}
_SPANS = ((86_400 * 2, 86_400, "days"), (3_600 * 2, 3_600, "hours"), (120, 60, "minutes"), (0, 1, "seconds"))
_UNIT_TAILS = re.compile(
    r"[;,]? *(number|share|seconds|bits|nats|digits|payments|unit as there|log\(1 \+ [^)]+\)|log)$"
)


@dataclass(frozen=True)
class Reason:
    """One feature's part in a score."""

    feature: str
    theme: str
    value: float
    contribution: float
    """To the log-odds; positive speaks for illicit."""
    less: float
    """Share of the chain's wallets with a smaller value; NaN where that is not known."""
    sentence: str


def reasons_of(shares: Shares, row: int, peers: Peers, *, native: str, count: int = REASONS) -> list[Reason]:
    """The strongest contributions of one wallet, strongest first; those of zero are none."""
    order = np.argsort(-np.abs(shares.shares[row]), kind="stable")[:count]
    return [
        _reason(shares.names[place], float(shares.values[row, place]), float(shares.shares[row, place]), peers, native)
        for place in order
        if shares.shares[row, place] != 0
    ]


def themes_of(names: Sequence[str]) -> list[str]:
    """The theme of each feature or family of words."""
    known = catalogue()
    return [WORDS if name in NAMES else known[name].theme if name in known else "other" for name in names]


def by_theme(shares: Shares) -> tuple[list[str], np.ndarray]:
    """Themes, and wallets × themes: with the base each row adds up to the log-odds."""
    themes = themes_of(shares.names)
    listed = sorted(set(themes))
    place = np.array([listed.index(theme) for theme in themes], dtype=np.int64)
    return listed, shares.shares @ np.eye(len(listed))[place]


def _reason(name: str, value: float, contribution: float, peers: Peers, native: str) -> Reason:
    beside = peers.beside(name, value)
    said = _subject(name, value, native) + _place(name, beside)
    return Reason(
        feature=name,
        theme=themes_of([name])[0],
        value=value,
        contribution=contribution,
        less=beside[0] if beside else math.nan,
        sentence=f"{said}: {contribution:+.2f}",
    )


def _subject(name: str, value: float, native: str) -> str:
    if name in NAMES:
        spoken = _WORDS_SAID[name.removesuffix("_words_odds")]
        if not math.isfinite(value):
            return f"{spoken} say nothing known"
        return f"{spoken} are more like those of {'illicit' if value > 0 else 'licit'} wallets ({value:+.2f} log-odds)"
    feature = catalogue().get(name)
    unit, described = (feature.unit, feature.description) if feature else ("", name.replace("_", " "))
    text = _UNIT_TAILS.sub("", _UNIT_TAILS.sub("", described)).strip()
    text = (text[0].lower() if text[:2].istitle() else text[0]) + text[1:]
    if not math.isfinite(value):
        return f"{text}: undefined for it"
    shown = show_value(value, unit, native)
    return _SAID[name].format(shown) if name in _SAID else f"{text}: {shown}"


def _place(name: str, beside: tuple[float, float] | None) -> str:
    if beside is None or name in NAMES:
        return ""
    less, more = beside
    if max(less, more) < 0.5:
        return ", as most wallets"
    return f", {'more' if less >= more else 'less'} than {100 * max(less, more):.1f} % of wallets"


def show_value(value: float, unit: str, native: str) -> str:
    """A feature's value with its unit; logarithms of amounts and lengths as what they are logarithms of.

    >>> show_value(412.0, "number", "ETH"), show_value(7200.0, "seconds", "ETH"), show_value(0.25, "share", "ETH")
    ('412', '2 hours', '25.0 %')
    """
    if unit == "seconds":
        _, size, name = next(span for span in _SPANS if abs(value) >= span[0])
        return f"{value / size:.3g} {name}"
    if unit == "share":
        return f"{100 * value:.1f} %"
    if unit == "0 or 1":
        return "yes" if value else "no"
    if unit == "log(1 + thousandths of the coin)":
        return f"{math.expm1(value) / 1000:,.4g} {native}"
    if unit.startswith("log(1 + "):
        return f"{math.expm1(value):,.4g} {unit[8:-1]}"
    shown = f"{value:,.0f}" if value == round(value) else f"{value:,.4g}"
    return shown if unit in ("", "number", "none", "ratio", "0 to 1", "-1 to 1", "logarithm") else f"{shown} {unit}"
