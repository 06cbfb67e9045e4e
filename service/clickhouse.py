"""ClickHouse's HTTP interface over the embedded store, so that tools that speak to ClickHouse speak to it.

One application of its own, because its paths, refusals and headers are ClickHouse's, not the service's. It is served on
a port of its own (8123, which clients try first) and under /clickhouse/ of the service. Source of what it does: the page
"HTTP interface" of ClickHouse's documentation, and what clickhouse-connect 1.12 and clickhouse-jdbc 0.9 send.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from contextlib import ExitStack

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from service.clickhouse_bodies import LARGEST_BODY, LARGEST_QUESTION, Body, receive_body
from service.clickhouse_forms import is_form, read_fields
from service.clickhouse_orders import compose
from service.clickhouse_replies import refusal_headers, refusal_text, status_of
from service.clickhouse_requests import Ask, SessionWish, read_ask, read_credentials
from service.clickhouse_scopes import admit, guarded, pass_gate
from service.clickhouse_streams import Outgoing, send_answer
from service.keys import ApiKey
from service.limits import Buckets
from sql.door import Door
from sql.door_sessions import Session, Sessions
from sql.limits import Gate, ReaderLimits
from sql.refusals import Refusal
from sql.statement_text import is_question

_NOWHERE = (
    "There is no handle {path}\n\nUse / or /ping for health checks.\nSend queries from your ClickHouse client to /.\n"
)
_METHODS = ("GET", "HEAD", "POST")


def create_clickhouse_app(door: Door, *, buckets: Buckets, limits: ReaderLimits) -> Starlette:
    """The door's application; the caller closes the door."""
    return Starlette(
        routes=[
            Route("/ping", _alive, methods=["GET", "HEAD"]),
            Route("/replicas_status", _alive, methods=["GET", "HEAD"]),
            Route("/", _Endpoint(door, buckets, limits)),
            Route("/{path:path}", _nowhere, methods=["GET", "HEAD", "POST", "PUT", "DELETE"]),
        ]
    )


def _alive(request: Request) -> Response:
    return PlainTextResponse("Ok.\n", media_type="text/html")


def _nowhere(request: Request) -> Response:
    return PlainTextResponse(_NOWHERE.format(path=request.url.path[:200]), status_code=404)


class _Endpoint:
    """`/`: one statement a request."""

    def __init__(self, door: Door, buckets: Buckets, limits: ReaderLimits) -> None:
        self._door = door
        self._buckets = buckets
        self._limits = limits
        self._gate = Gate(limits)
        self._query_ids: set[str] = set()
        # The checksum of blocks compiles for seconds on a new machine: better now than in somebody's query.
        threading.Thread(target=_warm_up, daemon=True).start()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        request = Request(scope, receive)
        query_id = str(uuid.uuid4())
        try:
            if request.method not in _METHODS:
                raise Refusal(48, "NOT_IMPLEMENTED", f"Method {request.method} is not for queries: use GET or POST.")
            ask = read_ask(request.method, request.query_params.multi_items(), request.headers)
            query_id = ask.query_id or query_id
            if not ask.query and request.method != "POST":
                await _alive(request)(scope, receive, send)
                return
            await self._answer(request, ask, query_id, send)
        except Refusal as refusal:
            text = refusal_text(refusal, self._door.version)
            headers = refusal_headers(refusal, query_id)
            await PlainTextResponse(text, status_of(refusal), headers)(scope, receive, send)

    async def _answer(self, request: Request, ask: Ask, query_id: str, send: Send) -> None:
        credentials = read_credentials(request.headers, request.query_params)
        key = await asyncio.to_thread(admit, self._door.beside, credentials, self._buckets)
        with ExitStack() as held:
            body = held.enter_context(Body())
            most = LARGEST_BODY if key.scope == "admin" else LARGEST_QUESTION
            await receive_body(request.receive, ask, body, most=most)
            if is_form(request.headers):
                fields = await read_fields(request.headers, body)
                ask = read_ask(request.method, [*request.query_params.multi_items(), *fields], request.headers)
                body = held.enter_context(Body())
            order = await asyncio.to_thread(compose, ask, body, held)
            order = await asyncio.to_thread(guarded, order, ask, key, self._limits, self._door.beside)
            self._hold(query_id, key, held)
            session = None
            # A reader's question has a connection of its own even in a session: its limits cannot be taken back.
            sessions = self._door.sessions if key.scope == "admin" else self._door.names
            if ask.session:
                session = await asyncio.to_thread(_take, sessions, key, ask.session, held)
                self._sweep_later(sessions, ask.session.seconds)
            used = session if key.scope == "admin" else None
            running = self._door.start(order, used, held.pop_all())
        outgoing = Outgoing(ask, order.form, query_id, is_question(order.text))
        await send_answer(running, outgoing, self._door, request.receive, send)

    def _hold(self, query_id: str, key: ApiKey, held: ExitStack) -> None:
        """What is taken while the statement runs."""
        if query_id in self._query_ids:
            raise Refusal(
                216, "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING", f"Query with id = {query_id} is already running."
            )
        pass_gate(self._gate, key, held)
        self._query_ids.add(query_id)
        held.callback(self._query_ids.discard, query_id)

    def _sweep_later(self, sessions: Sessions, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(seconds + 1, lambda: loop.run_in_executor(None, sessions.sweep))


def _take(sessions: Sessions, key: ApiKey, wish: SessionWish, held: ExitStack) -> Session:
    session = sessions.take(key.prefix, wish.name, seconds=wish.seconds, must_exist=wish.must_exist)
    held.callback(sessions.give_back, session)
    return session


def _warm_up() -> None:
    from service.clickhouse_blocks import pack_blocks

    pack_blocks(bytes(1000))
