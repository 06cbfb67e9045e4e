"""The page that goes with a model: what it is, what it learned from, how good it is, where it must not be used."""

from __future__ import annotations

from typing import Any

_COLUMNS = ("f1", "f1_low", "f1_high", "average_precision", "auc", "recall_at_1pct", "brier")


def wallet_card(about: dict[str, Any]) -> str:
    """The card of a wallet model in Markdown."""
    metrics = about["metrics"]
    strongest = "\n".join(f"- `{name}`: {share:.1%} of the gain" for name, share in metrics["importance"])
    return f"""# Wallet model, chain {about["chain_id"]}, as of block {about["as_of_block"]}

**What it says.** The calibrated probability that an address is controlled by somebody who does wrong with it, from what
the address does: counts, amounts, gaps, counterparties, method ids, tokens. No time, block number, fee or nonce.
Shipped: `{metrics["shipped"]}`. `behaviour` is what the address does; `own` adds what its words say (tokens, methods, amounts:
tf-idf regressions that have not seen the account); `graph` adds whom it meets and what its neighbours do, and ships only where
a paired bootstrap on validation says that it gains. `encoder` is a graph network, `blend` the mean of own and encoder: both are
measured beside the trees and not shipped, because encoding every address of a chain takes far longer than the trees do.

**What it learned from.** {metrics["accounts"]} labelled accounts with a history, {metrics["positives"]} of them illicit.
Protocol: {metrics["protocol"]}.

**How good.**

{_table({**metrics["figures"], **metrics["baselines"]})}

{_controls(metrics)}
Strongest features:
{strongest}

**Limits.** The first line of the baselines, the first timestamp alone, is the leak alarm: where it does well, the illicit
and the licit accounts come from different years, and part of every figure is era in disguise. Labelled accounts have
whole histories, their neighbours only slices; figures with neighbours (`graph`, `encoder`) profit from how the accounts
were collected. Unlabelled is not licit: the share of illicit accounts here is not that of the chain, so a probability
is one under the labelled accounts' mix. Addresses with a single move get no probability.
"""


def _controls(metrics: dict[str, Any]) -> str:
    if (found := metrics.get("controls")) is None:
        return "**Controls.** None: there are too few labels for them.\n"
    rings = " **This rings: the split or a feature leaks.**" if found["leaks"] else ""
    own, graph = (metrics["figures"][name]["average_precision"] for name in ("own", "graph"))
    return f"""**Controls** (average precision on the test part; {found["share"]:.3f} is knowing nothing). Labels dealt out anew:
{found["shuffled_labels"]:.3f}.{rings} Neighbourhoods dealt out anew: {found["shuffled_edges"]:.3f}, beside
{own:.3f} without any and {graph:.3f} with the true ones.
"""


def _table(rows: dict[str, dict[str, float]], columns: tuple[str, ...] = _COLUMNS) -> str:
    lines = [f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for name, figures in rows.items():
        cells = (f"{figures[column]:.3f}" if column in figures else "" for column in columns)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
