"""`--param NAME=VALUE`: values for the `{name:Type}` of a question."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from chainsight.errors import UsageError

ParamOption = Annotated[
    list[str] | None, typer.Option("--param", "-p", help="A parameter's value; give several.", metavar="NAME=VALUE")
]


def given_values(pairs: Iterable[str] | None) -> dict[str, str]:
    """The values by name; raises `UsageError` for what is no NAME=VALUE and for a name that comes twice.

    >>> given_values(["most=5", "who=a=b"])
    {'most': '5', 'who': 'a=b'}
    """
    given: dict[str, str] = {}
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--param {pair!r} gives no parameter a value.", next_step="Write --param name=value.")
        if name.strip() in given:
            raise UsageError(f"The parameter {name.strip()} is given twice.", next_step="Give it once.")
        given[name.strip()] = value
    return given
