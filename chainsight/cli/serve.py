"""Commands around the service: serve, keys create, keys list, keys revoke."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chainsight.cli import app, output
from chainsight.cli.options import JsonOption, StoreOption, opened_store
from risk.publications import newest_publications
from service.keys import SCOPES, ApiKey, create_key, list_keys, revoke_key
from sql.store import Store

if TYPE_CHECKING:
    from sql.door import Door

keys_app = typer.Typer(no_args_is_help=True, help="API keys: who may ask the service what.")
app.add_typer(keys_app, name="keys")


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    requests_per_minute: Annotated[int, typer.Option("--requests-per-minute", min=1, help="For each API key.")] = 600,
    clickhouse_port: Annotated[
        int,
        typer.Option("--clickhouse-port", min=0, max=65535, help="Port for ClickHouse's clients; 0 takes a free one."),
    ] = 8123,
    jobs: Annotated[bool, typer.Option("--jobs/--no-jobs", help="Run the table of jobs in this process too.")] = True,
    store: StoreOption = "",
) -> None:
    """Answer over HTTP from what was published, and run the table of jobs, in one process, until Ctrl-C.

    Tools that speak to ClickHouse connect to --clickhouse-port; the password is an API key of scope analyst or admin.

    Example: chainsight serve --port 8080
    """
    # Imported here: FastAPI and uvicorn would cost every other command half a second.
    from service.app import create_app
    from service.limits import RateLimit
    from service.server import Listener, open_port, serve_until_stopped, url_of

    with opened_store(store) as opened, open_port(host, port) as listening, _opened_door(opened) as door:
        service = create_app(opened, limit=RateLimit(requests=requests_per_minute), door=door)
        # A store on a server has a door of its own.
        second = (
            Listener(service.state.clickhouse, open_port(host, clickhouse_port, "--clickhouse-port")) if door else None
        )
        with _running_jobs(opened, wanted=jobs):
            serve_until_stopped(
                service,
                listening,
                announce=lambda url: _greet(opened, url, url_of(second.socket) if second else ""),
                door=second,
            )
            output.say("Stopping." + (" A job under way is waited for." if jobs else ""))


@contextmanager
def _opened_door(store: Store) -> Iterator[Door | None]:
    from sql.door import open_door

    door = open_door(store)
    try:
        yield door
    finally:
        if door is not None:
            door.close()


@contextmanager
def _running_jobs(store: Store, *, wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    from scheduler.runner import start_scheduler

    scheduler = start_scheduler(store)
    try:
        yield
    finally:
        scheduler.stop()


def _greet(store: Store, url: str, clickhouse_url: str) -> None:
    output.say(f"Listening on {url} (paths and examples: {url}/docs; how far it knows: {url}/readyz). Ctrl-C stops.")
    if clickhouse_url:
        output.say(
            f"ClickHouse's clients (DBeaver, Grafana …) connect to {clickhouse_url}; the password is an API key."
        )
    now = dt.datetime.now(dt.UTC)
    if not any(key.state(now) == "valid" for key in list_keys(store)):
        output.say("No API key holds: stop, run `chainsight keys create --scope risk`, and start again.")
    if not newest_publications(store):
        output.say("Nothing is published: stop, run `chainsight demo` or `chainsight run`, and start again.")


@keys_app.callback()
def keys() -> None:
    """API keys: who may ask the service what."""


@keys_app.command()
def create(
    scope: Annotated[str, typer.Option("--scope", help=f"What it may ask: {', '.join(SCOPES)}; admin may all.")],
    name: Annotated[str, typer.Option("--name", help="Whom it is for.")] = "",
    days: Annotated[int, typer.Option("--days", min=0, help="Days it holds; 0 means until it is revoked.")] = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Make an API key and print it: it is shown this once.

    Example: chainsight keys create --scope risk --name "exchange desk" --days 90
    """
    with opened_store(store) as opened:
        text, key = create_key(opened, scope=scope, note=name, days=days)
    if json:
        output.emit({"key": text, **_shown(key)})
        return
    print(text)  # alone on stdout, so that KEY=$(chainsight keys create …) works
    output.say("Keep it: it cannot be shown again. Send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`.")


@keys_app.command("list")
def show_keys(store: StoreOption = "", json: JsonOption = False) -> None:
    """All API keys by prefix, with scope and state.

    Example: chainsight keys list
    """
    with opened_store(store) as opened:
        found = list_keys(opened)
    _print_keys(found, json)


@keys_app.command()
def revoke(
    prefix: Annotated[str, typer.Argument(help="First part of the key, as `keys list` shows it.")],
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Take an API key back, from now on and for good.

    Example: chainsight keys revoke chs_1a2b3c4d
    """
    with opened_store(store) as opened:
        revoked = revoke_key(opened, prefix)
    _print_keys([revoked], json)


def _shown(key: ApiKey) -> dict[str, Any]:
    return {**vars(key), "state": key.state(dt.datetime.now(dt.UTC))}


def _print_keys(keys: list[ApiKey], json: bool) -> None:
    rows = [_shown(key) for key in keys]
    if output.wants_json(json):
        output.emit({"keys": rows})
    elif rows:
        output.emit_rows(rows)
    else:
        output.say("There is no API key yet: chainsight keys create --scope risk")
