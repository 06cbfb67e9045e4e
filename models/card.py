"""The page that goes with a model: what it is, what it learned from, how good it is, where it must not be used."""

from __future__ import annotations

from typing import Any

_COLUMNS = ("f1", "f1_low", "f1_high", "average_precision", "auc", "recall_at_1pct", "brier", "calibration_error")
STEPS = {
    "behaviour": "what an account does: counts, amounts, gaps, counterparties, methods, tokens",
    "own": "the same and what its words say: tokens, methods, exact amounts (tf-idf regressions that have not seen the account)",
    "one hop": "all of that, whom it meets, and what its neighbours do: mean, largest, deviation, weighted by coins",
    "two hops": "all of that, and the same of its neighbours' neighbours",
    "encoder": "a graph network instead of trees, not learnt from the validation accounts",
    "blend": "mean log-odds of own and encoder",
}


def wallet_card(about: dict[str, Any]) -> str:
    """The card of a wallet model in Markdown."""
    metrics = about["metrics"]
    parts = (
        _head(about),
        _learned_from(about, metrics),
        _how_good(metrics),
        _threshold(metrics),
        _certainty(metrics),
        _controls(metrics),
        *canary_lines(metrics),
        strongest(metrics),
        _limits(metrics),
    )
    return "\n\n".join(parts) + "\n"


def _head(about: dict[str, Any]) -> str:
    metrics, shipped = about["metrics"], about["metrics"]["shipped"]
    return f"""# Wallet model, chain {about["chain_id"]}, as of block {about["as_of_block"]:,}

**What it says.** The calibrated probability that an address is controlled by somebody who does wrong with it, from what
the address does; with an interval, one of the answers benign, illicit and review, and what each theme adds to it. No time, block
number, fee or nonce is read. How unusual an address is, and which typologies it shows, are other channels and play no part.

**What ships.** `{shipped}`: {STEPS[shipped]}.
Five members, each learnt from four fifths of the accounts by hash of address; an address gets the mean of their log-odds. The
figures below are of {_measured_on(metrics)}

{made_of(about)}"""


def made_of(about: dict[str, Any]) -> str:
    """What a model was made of, as a table."""
    return f"""| made of | |
|---|---|
| data hash | `{about.get("data_hash", "")}` |
| code commit | `{about.get("code_commit", "") or "outside a checkout"}` |
| features read | {len(about.get("features", ()))} |
| trees | {_said(about.get("parameters", {}))} |"""


def _measured_on(metrics: dict[str, Any]) -> str:
    if _is_of_few(metrics):
        return "the members that ship, each on the accounts it has not seen."
    return (
        "the same recipe that had not seen the test fifth;\n"
        "the members that ship learnt from all accounts, so that no label is lost."
    )


def _is_of_few(metrics: dict[str, Any]) -> bool:
    """No recipe was chosen and no fifth kept apart: there were too few of a class."""
    return "gains" not in metrics


def left_out(metrics: dict[str, Any], *, unmoved: str) -> str:
    """How many accounts were left out and why, as a sentence; `unmoved` says who moved too little."""
    whys = {"in_conflict": "that sources call both licit and illicit", "without_moves": unmoved}
    said = [f"{metrics[name]} {why}" for name, why in whys.items() if metrics.get(name)]
    return f" Left out: {' and '.join(said)}." if said else ""


def _learned_from(about: dict[str, Any], metrics: dict[str, Any]) -> str:
    said = left_out(metrics, unmoved="without a move")
    accounts, positives = metrics["accounts"], metrics["positives"]
    return f"""**What it learned from.** {accounts:,} labelled accounts with a history, {positives:,} of them illicit.{said}
Protocol: {metrics["protocol"]}."""


def _how_good(metrics: dict[str, Any]) -> str:
    gains = "".join(
        f"\n- `{name}` over `{gain['over']}`: {gain['average_precision']:+.4f} ({gain['low']:+.4f} to {gain['high']:+.4f})"
        for name, gain in metrics.get("gains", {}).items()
    )
    judged = (
        "\n\nWhat each gains in average precision on held-out scores over the one that would have shipped before it (paired\n"
        f"bootstrap); it ships only where the lower end is above zero.\n{gains}"
        if gains
        else ""
    )
    steps = "\n".join(f"- `{name}`: {STEPS[name]}" for name in metrics["figures"])
    return f"""## How good

Each line adds to the one before; baselines stand below. `f1_low` and `f1_high` are ends of its 95 % interval (bootstrap).

{steps}

{table({**metrics["figures"], **metrics["baselines"]})}{judged}"""


def _threshold(metrics: dict[str, Any]) -> str:
    if "threshold_probability" not in metrics:
        return f"**Threshold.** {metrics.get('threshold', float('nan')):.4f}"
    threshold, probability = metrics["threshold"], metrics["threshold_probability"]
    return f"""**Threshold.** The uncalibrated score {threshold:.4f} (a probability of {probability:.1%}): the best F1 among
scores that members gave to accounts they had not seen. Nothing that is measured here chose it, unless the protocol says so."""


def _certainty(metrics: dict[str, Any]) -> str:
    if (found := metrics.get("certainty")) is None:
        return ""
    answers = "\n".join(
        f"| truly {name} | {given['benign']:.1%} | {given['review']:.1%} | {given['illicit']:.1%} "
        f"| {given['insufficient_evidence']:.1%} |"
        for name, given in found["answers"].items()
    )
    width = found["interval_width"]
    return f"""## How sure

Probabilities: isotonic regression on held-out scores (Platt's curve where a class has fewer than 200 accounts), kept inside
the Venn-Abers interval, whose width is {width["median"]:.3f} at the median and {width["p95"]:.3f} at the 95th percentile.
Answers are conformal by class: at most {found["missed"]:.0%} of each class should get the answer of the other, as long as
accounts are like those learnt from. Cuts come from scores of one member each, what is served is the mean of five, and with few
labels the table is of the same accounts: read it, do not take the {found["missed"]:.0%} for granted. Below
{metrics["evidence_floor"]} moves the answer is that there is insufficient evidence.

| | benign | review | illicit | insufficient |
|---|---|---|---|---|
{answers}

Reliability by size of the wallet, then by the year it was first seen: mean probability said, share that was illicit, expected
calibration error. Groups of fewer than 30 accounts are left out.

{_reliability(found["by_size"])}

{_reliability(found["by_era"])}"""


def _reliability(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "(no group is large enough)"
    lines = [
        f"| {row['group']} | {row['accounts']:,} | {row['said']:.3f} | {row['was']:.3f} | {row['error']:.3f} |"
        for row in rows
    ]
    return "\n".join(("| group | accounts | said | was | error |", "|---|---|---|---|---|", *lines))


def _controls(metrics: dict[str, Any]) -> str:
    found = metrics["controls"]
    rings = " **This rings: the split, words or members leak.**" if found["leaks"] else ""
    if _is_of_few(metrics):
        return f"""**Controls.** Labels dealt out anew: average precision {found["shuffled_labels_held"]:.3f} on accounts that a
member left out, where {found["learnt_share"]:.3f} is knowing nothing.{rings} No neighbours are read, so none are dealt out."""
    return f"""**Controls** (average precision of words and members as they ship, but fewer trees). Labels dealt out anew:
{found["shuffled_labels"]:.3f} on the test part, where {found["share"]:.3f} is knowing nothing, and
{found["shuffled_labels_held"]:.3f} on accounts that a member left out, where {found["learnt_share"]:.3f} is.{rings}
Neighbourhoods dealt out anew: {found["shuffled_edges"]:.3f} on the test part, beside {found["own"]:.3f} without any and
{found["graph"]:.3f} with the true ones, by the same fit."""


def canary_lines(metrics: dict[str, Any]) -> list[str]:
    """What the future canary said; nothing where it was not asked."""
    if (found := metrics.get("future_canary")) is None or not found["wallets"]:
        return []
    changed = (*found["changed_features"], *(["words"] if found["changed_words"] else []))
    said = f"changed {', '.join(changed[:5]) or 'scores'}. **This rings: something reads past the block it is as of.**"
    is_silent = not changed and not found["changed_scores"]
    return [
        f"**Future canary.** Of {found['wallets']} wallets, cut at block {found['to_block']:,}: a future that never was "
        + ("changed no feature, word or score by a bit." if is_silent else said)
    ]


def strongest(metrics: dict[str, Any]) -> str:
    """The features that gained most."""
    lines = "\n".join(f"- `{name}`: {share:.1%} of the gain" for name, share in metrics["importance"])
    return f"Strongest features:\n\n{lines}"


def _limits(metrics: dict[str, Any]) -> str:
    share = metrics.get("learnt_share")
    mix = f" ({share:.1%} illicit)" if share is not None else ""
    return f"""## Limits

- Unlabelled is not licit: the share of illicit accounts here{mix} is not that of the chain, so a probability is one under the
  labelled accounts' mix. `base_rate_probability` is the same evidence under the share estimated for the chain, and missing where
  the chain's wallets score like no mix of the classes learnt from: then its share cannot be told (`base_rate_unknown`).
- Where the first timestamp alone (the leak alarm among the baselines) does well, illicit and licit accounts come from different
  years, and part of every figure is era in disguise.
- Labelled accounts have whole histories, their neighbours only slices; figures with neighbours (`one hop`, `two hops`,
  `encoder`) profit from how the accounts were collected.
- Whoever knows the features can act against them: recall under evasion is measured apart (`chainsight bench evasions`).
- `encoder` and `blend` are measured and not shipped: encoding every address of a chain takes far longer than the trees do."""


def _said(parameters: dict[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in parameters.items())


def table(rows: dict[str, dict[str, float]], columns: tuple[str, ...] = _COLUMNS) -> str:
    """Figures by name, a row each; empty where one has no such figure."""
    lines = [f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for name, figures in rows.items():
        cells = (f"{figures[column]:.3f}" if column in figures else "" for column in columns)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
