"""`chainsight query`: the tables asked with SQL, or with a question of the library by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from chainsight.cli import app, output
from chainsight.cli.options import JsonOption, StoreOption, opened_store
from chainsight.cli.values import ParamOption, given_values
from chainsight.errors import UnknownName, UsageError
from sql.answers import Answer, answer, answer_of
from sql.library import Question, bound, library, named, tagged
from sql.store import Parameter, Store

_ROWS_FOR_PEOPLE = 1_000
_SQL = "sql"


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"


class _SqlUnlessNamed(TyperGroup):
    """A group whose command `sql` need not be named: `chainsight query "SELECT 1"`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, "--help"}:
            args = [_SQL, *args]
        return super().parse_args(ctx, args)


query_app = typer.Typer(
    cls=_SqlUnlessNamed,
    no_args_is_help=True,
    help='Ask the tables: [bold]chainsight query "SELECT …"[/bold], or a question of the library by its name.',
)
app.add_typer(query_app, name="query")

LimitOption = Annotated[
    int,
    typer.Option("--limit", min=-1, help="Most rows to print; 0: all.", show_default="1000 on a terminal, else all"),
]
PlotOption = Annotated[
    Path | None, typer.Option("--plot", help="Also draw the rows: FILE.png, .svg or .html.", metavar="FILE")
]
FormatOption = Annotated[
    Format | None,
    typer.Option("--format", help="How to print the rows.", show_default="table on a terminal, else json"),
]


@query_app.callback()
def query() -> None:
    """Ask the tables."""


@query_app.command(name=_SQL)
def query_sql(
    sql: Annotated[
        str, typer.Argument(metavar="SQL|FILE", help="One SELECT, or the path of a .sql file that holds one.")
    ],
    param: ParamOption = None,
    limit: LimitOption = -1,
    plot: PlotOption = None,
    form: FormatOption = None,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Ask with SQL: one SELECT, WITH, SHOW, DESCRIBE or EXPLAIN. Bytes are shown as 0x text.

    Values for its {name:Type} are given with --param. The word sql may be left out.

    Example: chainsight query "SELECT kind, count() AS transfers FROM transfers GROUP BY kind" --plot kinds.png
    """
    text, values = _read(sql), given_values(param)
    form = _form(form, json)
    _require_picture(plot)
    with opened_store(store) as opened:
        found = _asked(opened, text, values, None, _most(limit, form), plot)
    _print(found, form)
    _say_drawn(plot)


@query_app.command(name="list")
def query_list(
    tag: Annotated[str, typer.Option("--tag", help="Only questions with this tag.")] = "",
    json: JsonOption = False,
) -> None:
    """The questions of the library by name.

    Example: chainsight query list --tag risk
    """
    found = tagged(tag)
    if output.wants_json(json):
        output.emit({"questions": [_brief(question) for question in found]})
    else:
        output.emit_rows([{"name": q.name, "what": q.title, "tags": ", ".join(q.tags)} for q in found])


@query_app.command(name="show")
def query_show(
    name: Annotated[str, typer.Argument(help="Name of the question.")],
    json: JsonOption = False,
) -> None:
    """What a question of the library answers, its parameters, its columns and its SQL.

    Example: chainsight query show top_counterparties
    """
    question = named(name)
    if output.wants_json(json):
        columns = [{"name": c.name, "unit": c.unit, "meaning": c.meaning} for c in question.columns]
        output.emit(_brief(question) | {"columns": columns, "example": question.example, "sql": question.sql})
        return
    output.emit_rows([{question.name: question.title}, {question.name: question.asks}])
    output.emit_rows(
        [
            {"parameter": p["name"], "type": p["type"], "default": p["default"], "what": p["meaning"]}
            for p in _parameters(question)
        ]
    )
    output.emit_rows([{"column": c.name, "unit": c.unit, "what": c.meaning} for c in question.columns])
    output.emit_text(question.sql)


@query_app.command(name="run")
def query_run(
    name: Annotated[str, typer.Argument(help="Name of the question.")],
    param: ParamOption = None,
    limit: LimitOption = -1,
    plot: PlotOption = None,
    form: FormatOption = None,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Ask a question of the library; `chainsight query show NAME` says which parameters it takes.

    Example: chainsight query run largest_transfers --param most=10 --plot largest.svg
    """
    question = named(name)
    given = given_values(param)
    form = _form(form, json)
    _require_picture(plot)
    with opened_store(store) as opened:
        values = bound(opened, question, given)
        found = _asked(opened, question.sql, values, question, _most(limit, form), plot)
    _print(found, form)
    _say_drawn(plot)


def _read(sql: str) -> str:
    if sql.endswith(".sql"):
        path = Path(sql)
        if not path.is_file():
            raise UsageError(
                f"There is no file {sql}.", next_step="Give one SELECT, or the path of a file that holds one."
            )
        return path.read_text(encoding="utf-8")
    word = sql.strip()
    if word in library():
        raise UsageError(f"{word} is a question of the library.", next_step=f"Ask it with chainsight query run {word}.")
    if word.isidentifier():
        raise UnknownName("command or question", word, ["list", "show", "run", *library()])
    return sql


def _form(form: Format | None, json: bool) -> Format:
    if form is not None and json and form is not Format.json:
        raise UsageError(f"--json and --format {form} contradict each other.", next_step="Give one of them.")
    return form or (Format.json if output.wants_json(json) else Format.table)


def _most(limit: int, form: Format) -> int:
    return limit if limit >= 0 else _ROWS_FOR_PEOPLE if form is Format.table else 0


def _print(found: Answer, form: Format) -> None:
    if form is Format.json:
        output.emit({"columns": found.columns, "rows": found.rows})
    elif form is Format.csv:
        output.emit_csv(found.columns, found.rows)
    else:
        columns = _apart(found.columns)
        output.emit_rows([dict(zip(columns, row, strict=True)) for row in found.rows])
    if found.is_cut:
        output.say(
            f"There are more rows; these are the first {len(found.rows)}. Give --limit 0 for all, or export them."
        )


def _apart(names: Sequence[str]) -> list[str]:
    """Names of columns, of which two may share one, so that each is shown."""
    return [name if name not in names[:place] else f"{name} ({place + 1})" for place, name in enumerate(names)]


def _require_picture(plot: Path | None) -> None:
    """Whether the file can hold a picture, before anything is asked."""
    if plot is not None:
        from chainsight.plots import require_form

        require_form(plot)


def _asked(
    store: Store, sql: str, values: Mapping[str, Parameter], question: Question | None, most: int, plot: Path | None
) -> Answer:
    """The rows to print; they are drawn too, all of them and of the same answer, where a picture is wanted."""
    if plot is None:
        return answer(store, sql, limit=most, parameters=values)
    from chainsight.plots import save
    from sql.warehouse import read_rows

    rows = read_rows(store, sql, values)
    save((rows.showing(question.wish(values)) if question else rows).plot(), plot)
    return answer_of(rows.raw, rows.types, limit=most)


def _say_drawn(drawn: Path | None) -> None:
    if drawn is not None:
        output.say(f"Drawn: {drawn}")


def _brief(question: Question) -> dict[str, Any]:
    return {
        "name": question.name,
        "title": question.title,
        "question": question.asks,
        "tags": list(question.tags),
        "parameters": _parameters(question),
    }


def _parameters(question: Question) -> list[dict[str, Any]]:
    return [{"name": p.name, "type": p.kind, "default": p.default, "meaning": p.meaning} for p in question.parameters]
