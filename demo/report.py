"""One page to look at after the demo: what was found beside what is true, and the wallets to look at first.

Plain HTML with inline SVG: it opens from disk, without a network, and prints well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from demo.findings import Finding, Verdict

_GRADES = ("Low", "Medium", "High", "Severe")
_COLOURS = {"Low": "#4a7a8c", "Medium": "#c9a227", "High": "#d1682b", "Severe": "#9e2a2b"}
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1d2429; margin: 2.5rem auto; max-width: 68rem; padding: 0 1.2rem }
h1 { font-size: 1.7rem; margin-bottom: .2rem } h2 { font-size: 1.15rem; margin-top: 2.4rem }
p.lead { color: #56636b; margin-top: 0 } table { border-collapse: collapse; width: 100% }
th { text-align: left; font-weight: 600; color: #56636b; border-bottom: 2px solid #d6dde1; padding: .35rem .6rem .35rem 0 }
td { border-bottom: 1px solid #e6ebee; padding: .4rem .6rem .4rem 0; vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
code { font: 13px ui-monospace, monospace } .tiles { display: flex; gap: 1rem; flex-wrap: wrap; margin: 1.4rem 0 }
.tile { border: 1px solid #d6dde1; border-radius: .5rem; padding: .7rem 1.1rem; min-width: 8rem }
.tile b { display: block; font-size: 1.5rem } .tile span { color: #56636b; font-size: .85rem }
.grade { color: #fff; border-radius: .3rem; padding: .05rem .5rem; font-size: .85rem; white-space: nowrap }
.bar { background: #e6ebee; width: 9rem; height: .8rem; display: inline-block; border-radius: .2rem; overflow: hidden }
.bar i { display: block; height: 100%; float: left } ul { margin: 0; padding-left: 1.1rem } small { color: #56636b }
"""


def report_page(
    *,
    facts: Mapping[str, str],
    findings: Sequence[Finding],
    verdict: Verdict,
    histogram: Mapping[str, Sequence[int]],
    wallets: Sequence[Mapping[str, Any]],
) -> str:
    """The whole page.

    facts are name → text tiles; histogram is grade → counts in ten score bins of ten; wallets are rows with address,
    score, grade, action, reasons.
    """
    tiles = "".join(f'<div class="tile"><b>{escape(v)}</b><span>{escape(k)}</span></div>' for k, v in facts.items())
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>chainsight: the demo's findings</title><style>{_STYLE}</style></head>
<body><h1>What was found on the demo chain</h1>
<p class="lead">A story played on a real node, read as any other chain; the truth was opened only for this page.</p>
<div class="tiles">{tiles}</div>
<h2>Behaviour by behaviour</h2>
{_findings_table(findings)}
<p><small>Known before: on the sanctions list or the public labels. Named: a detector called this very behaviour.</small></p>
<h2>Wallets nobody had labelled</h2>
<p>{verdict.illicit} illicit among {verdict.illicit + verdict.clean:,}. Ranked by score, average precision is
<b>{verdict.average_precision:.2f}</b> (chance: {verdict.average_precision_by_chance:.2f}). Graded High or Severe:
precision <b>{verdict.alarm_precision:.0%}</b>, recall <b>{verdict.alarm_recall:.0%}</b>; with Medium, recall
{verdict.watch_recall:.0%}.</p>
<h2>All scores</h2>
{_histogram(histogram)}
<h2>Look at these first</h2>
{_wallets_table(wallets)}
</body></html>
"""


def _findings_table(findings: Sequence[Finding]) -> str:
    rows = "".join(
        f"<tr><td>{escape(f.behaviour.replace('_', ' '))}</td><td class=n>{f.addresses}</td><td class=n>{f.known_before}</td>"
        f"<td class=n>{f.named}</td><td class=n>{f.watched}</td><td class=n>{f.alarmed}</td><td>{_bar(f)}</td></tr>"
        for f in findings
    )
    return (
        "<table><tr><th>behaviour<th class=n>addresses<th class=n>known before<th class=n>named<th class=n>Medium or worse"
        f"<th class=n>High or Severe<th></tr>{rows}</table>"
    )


def _bar(finding: Finding) -> str:
    alarmed = 100 * finding.alarmed / finding.addresses
    watched = 100 * finding.watched / finding.addresses - alarmed
    return (
        f'<span class="bar"><i style="width:{alarmed:.0f}%;background:{_COLOURS["High"]}"></i>'
        f'<i style="width:{watched:.0f}%;background:{_COLOURS["Medium"]}"></i></span>'
    )


def _histogram(histogram: Mapping[str, Sequence[int]]) -> str:
    # Square roots: a few hundred bad wallets must stay visible beside thousands of ordinary ones.
    height, width, gap = 150, 62, 6
    tallest = max((sum(bins) for bins in zip(*histogram.values(), strict=True)), default=1) or 1
    drawn = []
    for k in range(10):
        total = sum(histogram[grade][k] for grade in histogram)
        bar, top = height * (total / tallest) ** 0.5, float(height)
        for grade in _GRADES:
            part = bar * histogram.get(grade, [0] * 10)[k] / total if total else 0.0
            top -= part
            drawn.append(
                f'<rect x="{k * (width + gap)}" y="{top + 18:.1f}" width="{width}" height="{part:.1f}" fill="{_COLOURS[grade]}"/>'
            )
        middle = k * (width + gap) + width / 2
        drawn.append(f'<text x="{middle}" y="{top + 13:.1f}" text-anchor="middle">{total:,}</text>')
        drawn.append(f'<text x="{middle}" y="{height + 36}" text-anchor="middle">{10 * k}–{10 * k + 10}</text>')
    legend = " ".join(f'<span class="grade" style="background:{_COLOURS[g]}">{g}</span>' for g in _GRADES)
    return (
        f'<svg viewBox="0 0 {10 * (width + gap)} {height + 44}" width="100%" style="max-width:46rem;font:12px system-ui" '
        f'fill="#56636b" role="img" aria-label="Wallets by score">{"".join(drawn)}</svg>'
        f"<p>{legend} <small>wallets by score; heights are square roots</small></p>"
    )


def _wallets_table(wallets: Sequence[Mapping[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(w['address'])}</code></td><td class=n>{w['score']:.0f}</td>"
        f'<td><span class="grade" style="background:{_COLOURS[w["grade"]]}">{escape(w["grade"])}</span></td>'
        f"<td>{escape(w['action'].replace('_', ' '))}</td>"
        f"<td><ul>{''.join(f'<li>{escape(reason)}</li>' for reason in w['reasons'])}</ul></td></tr>"
        for w in wallets
    )
    return f"<table><tr><th>address<th class=n>score<th>grade<th>what to do<th>why</tr>{rows}</table>"
