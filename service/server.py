"""The service as a process: one or two ports, one process, a clean end on Ctrl-C."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from chainsight.errors import UsageError

_BACKLOG = 2048
_IDLE_SECONDS = 300  # a client that thinks between two statements finds its connection open
_GRACE_SECONDS = 5  # for answers under way when the process is told to stop


@dataclass(frozen=True)
class Listener:
    """An application and where it listens."""

    app: ASGIApp
    socket: socket.socket


def open_port(host: str, port: int, option: str = "--port") -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises `UsageError`, naming the option, when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP: only then does asyncio switch Nagle's algorithm off, which held every body back by 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listening.close()
        raise UsageError(
            f"{host}:{port} cannot be listened on: {error}.", next_step=f"Give another one with --host and {option}."
        ) from error
    return listening


def serve_until_stopped(
    app: ASGIApp, listening: socket.socket, *, announce: Callable[[str], None], door: Listener | None = None
) -> None:
    """Answer until SIGINT or SIGTERM, finishing what is under way; `announce` gets the URL first.

    `door` is another application on a socket of its own, in the same process and loop.
    """
    announce(url_of(listening))
    served = _ByPort(app, door) if door else app
    sockets = [listening, *([door.socket] if door else [])]
    config = uvicorn.Config(
        served,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_keep_alive=_IDLE_SECONDS,
    )
    try:
        uvicorn.Server(config).run(sockets=sockets)
    except KeyboardInterrupt:
        return  # uvicorn hands the signal on after a clean end; there is nothing left to interrupt
    finally:
        for one in sockets:
            one.close()


def url_of(listening: socket.socket) -> str:
    """What a browser takes."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _ByPort:
    """One server, two applications: the port that was asked decides."""

    def __init__(self, app: ASGIApp, door: Listener) -> None:
        self._app = app
        self._door = door.app
        self._port = door.socket.getsockname()[1]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        is_door = scope["type"] == "http" and scope["server"][1] == self._port
        await (self._door if is_door else self._app)(scope, receive, send)
