"""`chainsight demo`: the bundled chain through the whole pipeline, and what was found beside what is true."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

import demo as story
from chainsight.cli import app, output
from chainsight.cli.options import JsonOption, StoreOption, opened_store
from chainsight.cli.run import EngineOption
from chainsight.cli.serve import serve
from chainsight.progress import Progress
from chainsight.settings import settings
from demo.findings import Finding, Verdict, by_behaviour, judge, read_answers, read_truth
from demo.node import CHAIN_ID
from demo.report import report_page
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.labels import import_labels
from ingest.lists import import_lists
from ingest.tokens import import_tokens
from scheduler.pipeline import StepReport, run_pipeline
from sql.files import load
from sql.store import Store

_STORY = Path(story.__file__).parent
_WALLETS_SHOWN = 25


@app.command()
def demo(
    serve_after: Annotated[bool, typer.Option("--serve", help="Afterwards answer over HTTP until Ctrl-C.")] = False,
    engine: EngineOption = "spark",
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Run everything on the bundled chain, offline: about a minute on two cores.

    Example: chainsight demo --serve
    """
    folder = settings().home / "demo"
    dsn = store or f"chdb://{(folder / 'store').resolve()}"
    with opened_store(dsn) as opened:
        with output.watching() as progress:
            reports = run_pipeline(
                opened, chain_id=CHAIN_ID, blocks=_blocks, knowledge=_knowledge, engine=engine, progress=progress
            )
        truth, answers = read_truth(_STORY / "truth.csv"), read_answers(opened, chain_id=CHAIN_ID)
        findings, verdict = by_behaviour(truth, answers), judge(truth, answers)
        files = _write_files(opened, folder, findings, verdict)
    if output.wants_json(json):
        output.emit(_document(reports, findings, verdict, files))
    else:
        _show(findings, verdict, files, dsn)
    if serve_after:
        serve(store=dsn)


def _blocks(store: Store, progress: Progress) -> object:
    return ingest_blocks(store, ArchiveSource(_STORY / "chain"), chain_id=CHAIN_ID, progress=progress)


def _knowledge(store: Store, progress: Progress) -> object:
    labels = import_labels(store, [_STORY / "labels.csv"], progress=progress)
    lists = import_lists(store, [_STORY / "sanctions.csv"], kind="ofac", progress=progress)
    tokens = import_tokens(store, _STORY / "tokens.csv", chain_id=CHAIN_ID, progress=progress)
    return f"labels: {labels}; list entries: {lists}; tokens: {tokens}"


def _write_files(store: Store, folder: Path, findings: list[Finding], verdict: Verdict) -> list[Path]:
    """The page and two tables to open; returns their paths."""
    facts = store.query(load("queries/demo_facts"), chain_id=CHAIN_ID).to_pylist()[0]
    bins = store.query(load("queries/score_histogram"), chain_id=CHAIN_ID).to_pylist()
    wallets = store.query(load("queries/demo_wallets"), chain_id=CHAIN_ID, limit=_WALLETS_SHOWN).to_pylist()
    page = report_page(
        facts={name.replace("_", " "): f"{value:,}" for name, value in facts.items()},
        findings=findings,
        verdict=verdict,
        histogram={row["grade"]: row["bins"] for row in bins},
        wallets=wallets,
    )
    folder.mkdir(parents=True, exist_ok=True)  # a store on a server made none
    report = folder / "report.html"
    report.write_text(page, encoding="utf-8")
    tables = {"scores.csv": "queries/scores_readable", "recommendations.csv": "queries/recommendations_readable"}
    for name, query in tables.items():
        store.copy_out(load(query), folder / name, form="CSVWithNames", chain_id=CHAIN_ID)
    return [report, *(folder / name for name in tables)]


def _document(
    reports: list[StepReport], findings: list[Finding], verdict: Verdict, files: list[Path]
) -> dict[str, Any]:
    return {
        "steps": [asdict(report) for report in reports],
        "findings": [asdict(finding) for finding in findings],
        "verdict": asdict(verdict),
        "files": [str(path) for path in files],
    }


def _show(findings: list[Finding], verdict: Verdict, files: list[Path], dsn: str) -> None:
    rows = [
        {
            "behaviour": finding.behaviour.replace("_", " "),
            "addresses": finding.addresses,
            "known before": finding.known_before,
            "named by a detector": finding.named,
            "Medium or worse": finding.watched,
            "High or Severe": finding.alarmed,
        }
        for finding in findings
    ]
    output.emit_rows(rows, title="What was found, beside what is true")
    print(
        f"Of {verdict.illicit} illicit wallets nobody had labelled, {verdict.alarm_recall:.0%} are graded High or Severe "
        f"({verdict.watch_recall:.0%} with Medium);\n{verdict.alarm_precision:.0%} of such alarms are right. Ranking by score: "
        f"average precision {verdict.average_precision:.2f}, by chance {verdict.average_precision_by_chance:.2f}.\n"
    )
    print("Open\n" + "\n".join(f"  {path}" for path in files))
    option = f"--store {dsn}"
    print(
        "Go on\n"
        f'  chainsight query {option} "SELECT grade, count() FROM scores GROUP BY grade"\n'
        f"  chainsight score {option} ADDRESS          # any address of scores.csv\n"
        f"  chainsight keys create {option} --scope risk\n"
        f"  chainsight serve {option}                  # then open http://127.0.0.1:8000/docs"
    )
