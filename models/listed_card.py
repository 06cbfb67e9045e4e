"""The page of a wallet model that was taught by a list, where nobody is known to be licit: what it may be taken for."""

from __future__ import annotations

from typing import Any

from models.card import STEPS, canary_lines, left_out, made_of, strongest, table

_COLUMNS = ("recall_at_1pct", "recall_at_1pct_low", "recall_at_1pct_high", "average_precision", "auc")


def listed_card(about: dict[str, Any]) -> str:
    """The card in Markdown."""
    metrics = about["metrics"]
    parts = (
        _head(about),
        _learned_from(metrics),
        _how_good(metrics),
        _labelling(metrics),
        _answers(metrics),
        _controls(metrics),
        *canary_lines(metrics),
        strongest(metrics),
        _limits(),
    )
    return "\n\n".join(parts) + "\n"


def _head(about: dict[str, Any]) -> str:
    shipped = about["metrics"]["shipped"]
    return f"""# Wallet model of a list, chain {about["chain_id"]}, as of block {about["as_of_block"]:,}

**What it says.** How much an address acts as the illicit accounts act that somebody listed, as an estimated probability of being
illicit. **Negatives: unlabelled.** Hardly anybody on this chain is known to be licit, so it has learnt from illicit accounts
beside a sample of everybody else, some of whom are illicit, too (positive-unlabelled learning). It never answers benign.

**What ships.** `{shipped}`: {STEPS[shipped]}.
Five members, each learnt from four fifths by hash of address, in bags of all illicit accounts and a small draw of the others
(Mordelet and Vert 2014). Who was listed or in the sample is answered by the member that has not seen it, all others by the mean.

{made_of(about)}"""


def _learned_from(metrics: dict[str, Any]) -> str:
    labelling = metrics["labelling"]
    said = left_out(metrics, unmoved="illicit ones with fewer than two moves")
    return f"""**What it learned from.** {metrics["positives"]:,} illicit accounts, and {labelling["sampled"]:,} of
{labelling["wallets"]:,} unlabelled wallets with two moves or more, those with the smallest hash.{said}
Protocol: {metrics["protocol"]}."""


def _how_good(metrics: dict[str, Any]) -> str:
    elevated = metrics["elevated"]
    rows = table({**metrics["figures"], **metrics["baselines"]}, _COLUMNS)
    share = metrics["positives"] / metrics["accounts"]
    return f"""## How good

`recall_at_1pct`: share of the listed illicit accounts, unseen by whoever judges them, that score higher than 99 % of the
unlabelled wallets; with its 95 % interval. `average_precision` and `auc` count every unlabelled wallet as wrong, although some
are illicit: they are **lower bounds**, among accounts of which {share:.2%} are listed. There is no F1, no precision and no
share of false alarms: without licit accounts nobody can know them.

{rows}

**Threshold.** The uncalibrated score {metrics["threshold"]:.4f} (a probability of {metrics["threshold_probability"]:.1%}), where
recall² divided by the share of wallets flagged is largest (Lee and Liu 2003): {elevated["listed"]:.1%} of the listed and
{elevated["unlabelled"]:.2%} of the unlabelled lie above it. It was chosen on the same scores."""


def _labelling(metrics: dict[str, Any]) -> str:
    found = metrics["labelling"]
    return f"""## What the probability rests on

The probability of being listed, divided by c = {found["frequency"]:.3f}: of the illicit among the accounts learnt from that share
is listed (Elkan and Noto 2008; c by best bin estimation, Garg et al. 2021; the mean over listed accounts says
{found["mean_frequency"]:.3f}). So {found["hidden"]:.2%} of the unlabelled are estimated to be illicit, at most
{found["hidden_at_most"]:.2%}; on the chain {found["prior"]:.2%}, at most {found["prior_at_most"]:.2%}, and of those
{found["listed_of_illicit"]:.1%} are listed. Estimates lean towards too many: scores that do not tell both kinds apart make
illicit accounts of licit ones. An interval runs from what holds if nobody unlabelled is illicit to what holds under c. All of
this assumes that **the listed act as all illicit accounts do**; lists hold whom somebody noticed."""


def _answers(metrics: dict[str, Any]) -> str:
    names = ("unlike_listed", "review", "illicit", "insufficient_evidence")
    rows = "\n".join(
        f"| {kind} | {' | '.join(f'{given[name]:.1%}' for name in names)} |"
        for kind, given in metrics["answers"].items()
    )
    return f"""## Answers

`illicit`: it scores as at most 1 % of the unlabelled do, and the licit among them score lower still. `unlike_listed`: it scores
as at most 5 % of the listed do; **that is no word for its honesty**, since nobody honest was learnt from, and illicit accounts of
another kind get it too. `review`: neither. Below {metrics["evidence_floor"]} moves there is insufficient evidence.

| | unlike listed | review | illicit | insufficient |
|---|---|---|---|---|
{rows}"""


def _controls(metrics: dict[str, Any]) -> str:
    found = metrics["controls"]
    rings = " **This rings: words or members leak.**" if found["leaks"] else ""
    return f"""**Controls.** Places on the list dealt out anew: average precision {found["shuffled_labels"]:.4f}, where
{found["share"]:.4f} is knowing nothing.{rings}"""


def _limits() -> str:
    return """## Limits

- What the list does not know of, this cannot find: illicit accounts that act unlike every listed one score low, and no estimate
  counts them. On real accounts of which only those seen first were listed, 27 % hidden were told as 2 %
  (`chainsight bench hidden_labels`).
- What tells listed accounts from all others need not be guilt: the years, services or countries that those who keep the list look
  at are learnt, too. Where the first timestamp alone (the leak alarm) does well, it is mostly that.
- A probability is one among the accounts learnt from; `base_rate_probability` is the same evidence on the whole chain.
- Licit labels are worth more than anything here: with 20 of them `chainsight train wallets` learns from those instead."""
