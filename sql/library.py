"""The library: named questions that analysts and risk teams ask again and again, each one SELECT in sql/library/.

A file says in its header what it answers, which parameters it takes and what its columns mean; `{name:Type}` in its SQL says of
which type a parameter is. It is asked as a reader would ask it: through the guard, with nothing that an analyst's own SQL could
not do. The same text, pasted into another tool, runs there.

    -- One sentence: the title.
    --
    -- question: What it answers, in a sentence or two;
    --   a line that goes on is indented.
    -- tags: wallet, transfers
    -- param address: Whose transfers.                     (must be given)
    -- param most: At most so many rows. [default 20]
    -- column quantity [coins]: What moved.                (the unit may be left out)
    -- chart: block_timestamp, quantity, kind              (x, y and colour of its picture; may be left out)
    -- example: chainsight query run NAME --param address=0x…

Conventions of the files: addresses and hashes go in and come out as 0x text; `amount` is in smallest units and exact, `quantity`
in whole coins or tokens and rounded as Float64 rounds; sums of token amounts leave out rows with `amount_overflow`; nothing
reads past `to_block`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from chainsight.errors import UnknownName, UsageError
from chainsight.wish import Wish
from sql.answers import Answer, answer
from sql.as_of import known_chains, read_as_of
from sql.files import Statement, load_folder
from sql.question_values import checked
from sql.store import Parameter, Store

_LINE = re.compile(r"(?P<key>question|tags|chart|example|param \w+|column \w+(?: \[[^\]]+\])?): (?P<text>.+)")
_PARAMETER = re.compile(r"\{(\w+):([^}]+)\}")
_DEFAULT = re.compile(r"\s*\[default ([^\]]*)\]")
_COLUMN = re.compile(r"column (\w+)(?: \[([^\]]+)\])?")
_ONLY_CHAIN, _NEWEST_BLOCK = "the only one", "the newest"

# Parameters that mean the same in every file; a file says of them only what differs.
_EVERYWHERE = {
    "chain_id": f"Chain, by its EIP-155 id. [default {_ONLY_CHAIN}]",
    "from_block": "First block to look at. [default 0]",
    "to_block": f"Last block to look at. [default {_NEWEST_BLOCK}]",
    "most": "At most so many rows. [default 50]",
}


@dataclass(frozen=True)
class QuestionParameter:
    """One `{name:Type}` of a question."""

    name: str
    kind: str
    """ClickHouse's type."""
    meaning: str
    default: str | None
    """As a person would write it; None: it must be given."""


@dataclass(frozen=True)
class QuestionColumn:
    """One column of an answer."""

    name: str
    unit: str
    """Empty where there is none."""
    meaning: str


@dataclass(frozen=True)
class Question:
    """One named question."""

    name: str
    title: str
    asks: str
    tags: tuple[str, ...]
    parameters: tuple[QuestionParameter, ...]
    columns: tuple[QuestionColumn, ...]
    chart: tuple[str, ...]
    """Names of the columns for x, y and colour; empty: chosen by their types."""
    example: str
    sql: str

    def wish(self, values: Mapping[str, object]) -> Wish:
        """What a picture of its answer shows; below the title the values of its own parameters."""
        x, y, colour = (*self.chart, "", "", "")[:3]
        defaults = {parameter.name: parameter.default for parameter in self.parameters}
        told = [
            f"{name.replace('_', ' ')} {value}"
            for name, value in values.items()
            if name not in _EVERYWHERE and str(value) != defaults[name]
        ]
        return Wish(
            title=self.title,
            subtitle=", ".join([*told, *([f"up to block {values['to_block']:,}"] if "to_block" in values else [])]),
            x=x,
            y=y,
            colour=colour,
            units={column.name: column.unit for column in self.columns},
        )


@cache
def library() -> Mapping[str, Question]:
    """All questions by name."""
    return {question.name: question for question in map(_read, load_folder("library"))}


def named(name: str) -> Question:
    """The question of that name; raises `UnknownName` with the near ones."""
    if name not in library():
        raise UnknownName("question", name, library())
    return library()[name]


def tagged(tag: str = "") -> list[Question]:
    """Questions with a tag, or all of them; raises `UnknownName` for a tag that none has."""
    tags = {known for question in library().values() for known in question.tags}
    if tag and tag not in tags:
        raise UnknownName("tag", tag, tags)
    return [question for question in library().values() if not tag or tag in question.tags]


def ask(store: Store, name: str, given: Mapping[str, object], *, limit: int = 0) -> Answer:
    """The answer to a named question; at most `limit` rows (0: all).

    Raises `UnknownName` for a question or parameter that does not exist and `UsageError`, which names the parameter, for a value
    that is missing or of another type.
    """
    question = named(name)
    return answer(store, question.sql, limit=limit, parameters=bound(store, question, given))


def bound(store: Store, question: Question, given: Mapping[str, object]) -> dict[str, Parameter]:
    """The value of every parameter of a question: what was given, checked, and the defaults of the others."""
    known = [parameter.name for parameter in question.parameters]
    for name in given:
        if name not in known:
            raise UnknownName(f"parameter of {question.name}", name, known)
    values = {
        parameter.name: checked(parameter.name, parameter.kind, given[parameter.name])
        for parameter in question.parameters
        if parameter.name in given
    }
    for parameter in question.parameters:
        if parameter.name not in values:
            values[parameter.name] = _default(store, question, parameter, values)
    return {name: values[name] for name in known}


def _default(
    store: Store, question: Question, parameter: QuestionParameter, values: Mapping[str, Parameter]
) -> Parameter:
    if parameter.default is None:
        raise UsageError(
            f"{question.name} needs the parameter {parameter.name}: {parameter.meaning}",
            next_step=f"Example: {question.example}",
        )
    if parameter.default == _ONLY_CHAIN:
        return _only_chain(store)
    if parameter.default == _NEWEST_BLOCK:
        # Parameters come with the chain first, so it is known here.
        return read_as_of(store, int(str(values["chain_id"]))).block_number
    return checked(parameter.name, parameter.kind, parameter.default)


def _only_chain(store: Store) -> int:
    chains = known_chains(store)
    if len(chains) > 1:
        raise UsageError(
            f"The store holds chains {', '.join(map(str, chains))}.", next_step="Name one with the parameter chain_id."
        )
    return chains[0] if chains else 0


def _read(statement: Statement) -> Question:
    """A question from its file; a header that lacks something is a mistake of ours and raises `ValueError`."""
    said = _header(statement.text)
    kinds = dict(_PARAMETER.findall(_without_header(statement.text)))
    described = _EVERYWHERE | {key.split()[1]: text for key, text in said.items() if key.startswith("param ")}
    if missing := [key for key in ("question", "tags", "example") if key not in said]:
        raise ValueError(f"{statement.name} does not say its {', '.join(missing)}")
    if unlike := (kinds.keys() - described.keys()) | ({k.split()[1] for k in said if k[:6] == "param "} - kinds.keys()):
        raise ValueError(f"{statement.name}: parameters {sorted(unlike)} stand only in its header or only in its SQL")
    columns = [(_COLUMN.fullmatch(key), text) for key, text in said.items()]
    order = sorted(kinds, key=lambda name: ("[default" in described[name], name != "chain_id"))
    return Question(
        name=statement.name.split("/")[1],
        title=statement.purpose.rstrip("."),
        asks=said["question"],
        tags=tuple(_words(said["tags"])),
        parameters=tuple(_parameter(name, kinds[name], described[name]) for name in order),
        columns=tuple(QuestionColumn(name[1], name[2] or "", text) for name, text in columns if name),
        chart=tuple(_words(said.get("chart", ""))),
        example=said["example"],
        sql=statement.text,
    )


def _header(text: str) -> dict[str, str]:
    said: dict[str, str] = {}
    key = ""
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        words = line.removeprefix("--").strip()
        if found := _LINE.fullmatch(words):
            key = found["key"]
            said[key] = found["text"]
        elif key and line.startswith("--   "):
            said[key] += " " + words
        else:
            key = ""
    return said


def _without_header(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))


def _parameter(name: str, kind: str, text: str) -> QuestionParameter:
    default = _DEFAULT.search(text)
    return QuestionParameter(name, kind, _DEFAULT.sub("", text), default[1] if default else None)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
