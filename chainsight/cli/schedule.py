"""Commands about jobs: schedule list, schedule run."""

from __future__ import annotations

from typing import Annotated

import typer

from chainsight.cli import app, output
from chainsight.cli.options import ChainOption, JsonOption, StoreOption, chosen_chain, opened_store
from scheduler.jobs import JOBS, job_named
from scheduler.runner import run_job
from sql.files import load

schedule_app = typer.Typer(no_args_is_help=True, help="The table of jobs.")
app.add_typer(schedule_app, name="schedule")


@schedule_app.callback()
def schedule() -> None:
    """The table of jobs."""


@schedule_app.command("list")
def list_jobs(store: StoreOption = "", json: JsonOption = False) -> None:
    """The table of jobs, each with its last run.

    Example: chainsight schedule list
    """
    with opened_store(store) as opened:
        latest = {row["job"]: row for row in opened.query(load("queries/runs_latest")).to_pylist()}
    rows = [
        {
            "job": job.name,
            "about": job.about,
            "when": str(job.trigger),
            "timeout": str(job.timeout),
            "last_state": latest.get(job.name, {}).get("state", "never ran"),
            "last_started_at": latest.get(job.name, {}).get("started_at"),
            "last_outcome": latest.get(job.name, {}).get("outcome", ""),
        }
        for job in JOBS.values()
    ]
    if output.wants_json(json):
        output.emit({"jobs": rows})
    else:
        output.emit_rows(rows)


@schedule_app.command("run")
def run_one(
    job: Annotated[str, typer.Argument(help=f"One of {', '.join(JOBS)}.")],
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Run one job now, on record, as the scheduler would; work already done for the last block is not done again.

    Example: chainsight schedule run publish
    """
    found = job_named(job)
    with opened_store(store) as opened, output.watching() as progress:
        chain = chosen_chain(opened, chain_id)
        outcome = run_job(opened, found, chain_id=chain, progress=progress)
    if output.wants_json(json):
        output.emit({"job": found.name, "chain_id": chain, "outcome": outcome})
    else:
        output.say(f"{found.name}: {outcome}")
