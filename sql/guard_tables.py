"""Which names of a reader's question stand for tables, and whether the store has them.

The embedded store takes any name that it does not know for the path of a file. So a name passes only where it is of a table or
view of the store, or of a common table expression that the engine sees at that place: two views of what is in scope would be
a way around this, so in doubt it is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from sqlglot import exp

from chainsight.errors import UnknownName, UsageError
from sql.files import load_folder
from sql.guard_names import HIDDEN_TABLES, SYSTEM_TABLES, TABLE_FUNCTIONS, parametrised_views

NAME = r"[A-Za-z_]\w*"
"""A name that needs no quotes."""

_OWN_TABLES = "Ask the store's own tables."
_STANDARD = frozenset(("information_schema",))
_MADE = re.compile(r"CREATE (?:TABLE|(?:OR REPLACE )?(?:MATERIALIZED )?VIEW) (?:IF NOT EXISTS )?(\w+)")


@cache
def tables_of_migrations() -> frozenset[str]:
    """The tables and views that every store has."""
    return frozenset(found[1] for file in load_folder("migrations") if (found := _MADE.search(file.text)))


@dataclass(frozen=True)
class Home:
    """Where the tables are that may be asked."""

    database: str = "default"
    ask_names: Callable[[], Collection[str]] = tables_of_migrations
    """Says the names of the tables and views; called at most once, and only where a question names any."""

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of tables and views."""
        return frozenset(self.ask_names())


def refuse_tables(tree: exp.Expr, home: Home) -> None:
    """Raises `UsageError` for what stands where a table may stand and is none of the store, `UnknownName` with near names."""
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Func):
            _refuse_function(table)
        else:
            refuse_name([part.name for part in table.parts], home, _expressions_in_scope(table))
    for membership in tree.find_all(exp.In):
        _refuse_member(membership, home)


def refuse_name(parts: Sequence[str], home: Home, known: Collection[str] = frozenset()) -> None:
    """Raises `UsageError` for a name that no reader may ask; `known` are names that the question itself makes."""
    for part in parts:
        if not re.fullmatch(NAME, part, re.ASCII):
            raise UsageError(f"{part[:60]!r} is not the name of a table.", next_step=_OWN_TABLES)
    *databases, table = parts
    if not databases and table in known:
        return
    where = databases[0] if databases else home.database
    if len(databases) > 1 or (where not in {home.database, "system"} and where.lower() not in _STANDARD):
        raise UsageError(f"{'.'.join(parts)} is not in the store's database {home.database}.", next_step=_OWN_TABLES)
    if where == "system" and table not in SYSTEM_TABLES:
        raise UsageError(
            f"system.{table} tells about the machine and who asks it, not about the chain.",
            next_step=f"Of the engine's own there are {', '.join(sorted(SYSTEM_TABLES))}.",
        )
    if where != home.database:
        return
    if table.lower() in HIDDEN_TABLES:
        raise UsageError(
            f"{table} is not for readers.", next_step="Whoever runs the store can see it with its commands."
        )
    if table not in home.names:
        raise UnknownName("table", table, home.names - HIDDEN_TABLES)


def _refuse_function(table: exp.Table) -> None:
    name = _name_of(table.this)
    if table.args.get("db") or (name not in TABLE_FUNCTIONS and name not in parametrised_views()):
        raise UsageError(f"{name}() reads from outside the store.", next_step=_OWN_TABLES)


def _refuse_member(membership: exp.In, home: Home) -> None:
    """The engine takes a single name right of IN for a table, in parentheses or not, unless it is an expression's."""
    members = membership.expressions
    member = membership.args.get("field") or (members[0] if len(members) == 1 else None)
    while isinstance(member, exp.Paren) or (isinstance(member, exp.Tuple) and len(member.expressions) == 1):
        member = member.this if isinstance(member, exp.Paren) else member.expressions[0]
    if isinstance(member, exp.Column | exp.Dot):
        known = _expressions_in_scope(membership) | _values_in_scope(membership)
        refuse_name([part.name for part in member.parts], home, known)
    elif isinstance(member, exp.Identifier) or (isinstance(member, exp.Literal) and membership.args.get("field")):
        raise UsageError(f"{member.name[:60]!r} is not the name of a table.", next_step=_OWN_TABLES)


def _expressions_in_scope(node: exp.Expr) -> frozenset[str]:
    """Common table expressions that may be asked as tables where `node` stands."""
    return frozenset(cte.alias for cte in _definitions_in_scope(node) if not cte.args.get("scalar"))


def _values_in_scope(node: exp.Expr) -> frozenset[str]:
    """Names of values (`WITH [1, 2] AS xs`, `SELECT [1, 2] AS xs`) that the engine tries before it looks for tables."""
    query = node.find_ancestor(exp.Select)
    selected = query.expressions if query else ()
    named = {part.alias for part in selected if isinstance(part, exp.Alias)}
    return frozenset(named | {cte.alias for cte in _definitions_in_scope(node) if cte.args.get("scalar")})


def _definitions_in_scope(node: exp.Expr) -> Iterator[exp.CTE]:
    """What WITH clauses define for the place of `node`: those around it; of one that it stands in, what comes before it.

    A definition does not see itself, unless it is recursive and asked behind its first UNION: anywhere else the engine would
    look for a table of that name. Nor does what stands in `view(SELECT …)` see anything from around it.
    """
    below, around = node, node.parent
    inside: exp.CTE | None = None
    path = {id(node)}
    while around is not None and not _sees_nothing(around):
        clause = around.args.get("with_")
        if clause is below and inside is not None:
            for cte in clause.expressions:
                if cte is inside:
                    break
                yield cte
            if clause.args.get("recursive") and _is_behind_union(inside, path):
                yield inside
        elif clause is not None:
            yield from (cte for cte in clause.expressions if isinstance(cte, exp.CTE))
        inside = around if isinstance(around, exp.CTE) else inside
        path.add(id(around))
        below, around = around, around.parent


def _is_behind_union(cte: exp.CTE, path: set[int]) -> bool:
    return isinstance(cte.this, exp.SetOperation) and id(_first_part(cte.this)) not in path


def _sees_nothing(node: exp.Expr) -> bool:
    return isinstance(node, exp.Func) and (_name_of(node) == "view" or _name_of(node) in parametrised_views())


def _name_of(function: exp.Func) -> str:
    return (function.name if isinstance(function, exp.Anonymous) else function.sql_name()).lower()


def _first_part(query: exp.Expr) -> exp.Expr:
    while isinstance(query, exp.SetOperation | exp.Subquery):
        query = query.this
    return query
