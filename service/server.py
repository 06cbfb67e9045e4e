"""The service as a process: one port, one process, a clean end on Ctrl-C."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from chainsight.errors import UsageError

_BACKLOG = 2048
_GRACE_SECONDS = 5  # for answers under way when the process is told to stop


def open_port(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises `UsageError` when it cannot be had."""
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
            f"{host}:{port} cannot be listened on: {error}.", next_step="Give another one with --host and --port."
        ) from error
    return listening


def serve_until_stopped(app: FastAPI, listening: socket.socket, *, announce: Callable[[str], None]) -> None:
    """Answer until SIGINT or SIGTERM, finishing what is under way; `announce` gets the URL first."""
    host, port = listening.getsockname()[:2]
    announce(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")
    config = uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=_GRACE_SECONDS)
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        return  # uvicorn hands the signal on after a clean end; there is nothing left to interrupt
    finally:
        listening.close()
