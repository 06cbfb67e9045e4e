"""Keys of hosted nodes stand in the path, in the query or before the @ of their URLs, and nodes repeat them in what they say.

Neither a URL nor what its node says may be shown, logged or stored without going through here.
"""

from __future__ import annotations

import re
from base64 import b64encode
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

STRUCK = "[…]"
_SURELY_A_KEY = 8
"""Letters of a part that is struck out wherever it stands; a shorter one only where it stands alone."""
_SHORTEST_START = 6


def shown_url(url: str) -> str:
    """A URL for the record: scheme, host and port; the path only of a local socket.

    >>> shown_url("https://user:secret@eth.example/v3/KEY?token=1"), shown_url("/run/geth.ipc")
    ('https://eth.example', '/run/geth.ipc')
    >>> shown_url("eth.example/v3/KEY"), shown_url("https:/v3/KEY")
    ('eth.example/[…]', 'https:[…]')
    """
    parts = urlsplit(url)
    if parts.hostname:
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        port = _port(parts)
        return f"{parts.scheme}://{host}{f':{port}' if port else ''}"
    path = parts.path if parts.scheme in {"", "ipc", "file", "unix"} else ""
    # A path that begins at a folder is no URL that lost its scheme.
    if path and (path.startswith(("/", "~", "./", "../")) or Path(path).is_socket()):
        return path
    if parts.scheme in {"http", "https", "ws", "wss"}:
        return f"{parts.scheme}:{STRUCK}"
    start, _, rest = url.rpartition("@")[2].partition("/")
    return f"{start.partition('?')[0]}/{STRUCK}" if rest else start.partition("?")[0]


class Credentials:
    """What of a node's URL may not be repeated."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        whole: set[str] = set()
        if parts.hostname:
            whole = {parts.username or "", parts.password or "", parts.query, parts.path, *parts.path.split("/")}
            whole |= {value for _, value in parse_qsl(parts.query)} | {parts.netloc.rpartition("@")[0]}
            whole |= {unquote(part) for part in whole}
            if parts.username:
                whole.add(b64encode(unquote(f"{parts.username}:{parts.password or ''}").encode()).decode())
        # The longest first: what contains others goes as a whole.
        self._parts = sorted((part for part in whole if len(part.strip("/")) > 1), key=len, reverse=True)
        self._patterns = [re.compile(_pattern(part), re.IGNORECASE) for part in self._parts]

    def strike_out(self, said: str) -> str:
        """What a node said without its credentials, also where a quotation ends in the middle of one.

        >>> Credentials("https://eth.example/v3/0123456789ab?x=1").strike_out("cannot POST /v3/0123456789ab?x=1")
        'cannot POST […]?[…]'
        >>> Credentials("https://eth.example/v3/0123456789ab").strike_out("no project 01234567…")
        'no project […]…'
        """
        for pattern in self._patterns:
            said = pattern.sub(STRUCK, said)
        text, end = (said[:-1], "…") if said.endswith("…") else (said, "")
        for part in self._parts:
            for length in range(len(part) - 1, _SHORTEST_START - 1, -1):
                if text.lower().endswith(part[:length].lower()):
                    return text[:-length] + STRUCK + end
        return said


def _pattern(part: str) -> str:
    return re.escape(part) if len(part) >= _SURELY_A_KEY else rf"(?<!\w){re.escape(part)}(?!\w)"


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:  # no number, or one that no port has
        return None
