"""Requests that come as forms: clickhouse-connect sends the query and its parameters so when they are long."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from service.clickhouse_bodies import Body
from service.clickhouse_orders import LARGEST_STATEMENT
from sql.refusals import Refusal

_MOST_FIELDS = 1000
_PIECE = 1 << 16


def is_form(headers: Headers) -> bool:
    """Whether the body holds fields; any other body, whatever its type says, is SQL or rows."""
    return headers.get("content-type", "").lower().startswith("multipart/form-data")


async def read_fields(headers: Headers, body: Body) -> list[tuple[str, str]]:
    """The fields of a form that was received; raises `Refusal` for a damaged one, and for tables that come with it."""
    try:
        parser = MultiPartParser(
            headers, _pieces(body), max_files=1, max_fields=_MOST_FIELDS, max_part_size=LARGEST_STATEMENT
        )
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError) as error:
        raise Refusal(36, "BAD_ARGUMENTS", f"The form cannot be read: {error}.") from error
    fields = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            raise Refusal(
                48, "NOT_IMPLEMENTED", f"External tables ({name[:60]!r}) are not known here; use a temporary one."
            )
        fields.append((name, value))
    return fields


async def _pieces(body: Body) -> AsyncGenerator[bytes, None]:
    body.file.seek(0)
    while piece := body.file.read(_PIECE):
        yield piece
    yield b""
