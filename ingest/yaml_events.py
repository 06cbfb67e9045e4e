"""YAML as plain text values, read from the parser's events so that a hostile file can do no harm.

Nothing is constructed: every scalar stays the text it is in the file (an address 0x12… is no number, `no` is no boolean,
a day is no date). Aliases are refused, so nothing can be multiplied; keys given twice are refused, because one of them would
be lost; nesting is bounded while the file is read, because the composer behind `yaml.load` overflows the stack on a hundred
thousand brackets, and the process is gone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from chainsight.errors import ArchiveDamaged
from ingest.delimited import TextFile

_DEEPEST = 12


@dataclass
class YamlMap:
    """A mapping, with the line on which it begins."""

    line: int
    values: dict[str, YamlValue] = field(default_factory=dict)


@dataclass
class YamlList:
    """A sequence, with the line on which it begins."""

    line: int
    values: list[YamlValue] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    """On which each value begins."""


YamlValue: TypeAlias = "str | YamlMap | YamlList"


def read_yaml(file: TextFile) -> YamlMap:
    """The one mapping that a YAML file is.

    Raises `ArchiveDamaged`, naming the line, for what is not YAML, for several documents, another kind of document, an alias,
    a key given twice, or nesting of more than 12.
    """
    if not file.is_clean:
        spoiled = next(place for place, sign in enumerate(file.text) if sign == "\0" or "\ud800" <= sign <= "\udfff")
        line = file.text.count("\n", 0, spoiled) + 1
        raise ArchiveDamaged(
            f"{file.path}:{line} holds bytes that are not UTF-8, or a NUL.", next_step="Save it as UTF-8."
        )
    try:
        return _Builder(file).build()
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise ArchiveDamaged(
            f"{file.path}:{line} is not YAML: {what}.", next_step="Fetch the file again, or mend that line."
        ) from error


class _Builder:
    """Puts values together from events, without recursion."""

    def __init__(self, file: TextFile) -> None:
        self._file = file
        self._open: list[YamlMap | YamlList] = []
        self._keys: list[str | None] = []
        self._root: YamlValue | None = None

    def build(self) -> YamlMap:
        for event in yaml.parse(self._file.text, Loader=yaml.CSafeLoader):
            line = 0 if event.start_mark is None else event.start_mark.line + 1
            if isinstance(event, yaml.AliasEvent):
                raise self._refusal(line, "an alias (*), which is not read here", "Write the value out.")
            if isinstance(event, yaml.ScalarEvent):
                self._put("" if _is_null(event) else event.value, line)
            elif isinstance(event, yaml.MappingStartEvent):
                self._begin(YamlMap(line))
            elif isinstance(event, yaml.SequenceStartEvent):
                self._begin(YamlList(line))
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                self._keys.pop()
                self._open.pop()
            elif isinstance(event, yaml.DocumentStartEvent) and self._root is not None:
                raise self._refusal(line, "a second document", "Give one document a file.")
        if not isinstance(self._root, YamlMap):
            raise self._refusal(1, "no mapping of keys to values", "Check that it is a TagPack.")
        return self._root

    def _begin(self, value: YamlMap | YamlList) -> None:
        self._put(value, value.line)
        self._open.append(value)
        self._keys.append(None)
        if len(self._open) > _DEEPEST:
            raise self._refusal(value.line, f"more than {_DEEPEST} levels of nesting", "Check that it is a TagPack.")

    def _put(self, value: YamlValue, line: int) -> None:
        if not self._open:
            self._root = value
            return
        holder, key = self._open[-1], self._keys[-1]
        if isinstance(holder, YamlList):
            holder.values.append(value)
            holder.lines.append(line)
        elif key is None:
            if not isinstance(value, str):
                raise self._refusal(line, "a key that is no text", "Check that line.")
            if value in holder.values:
                raise self._refusal(line, f"the key {value!r} for the second time", "Keep one of them.")
            self._keys[-1] = value
        else:
            holder.values[key] = value
            self._keys[-1] = None

    def _refusal(self, line: int, what: str, next_step: str) -> ArchiveDamaged:
        return ArchiveDamaged(f"{self._file.path}:{line} holds {what}.", next_step=next_step)


def _is_null(event: yaml.ScalarEvent) -> bool:
    return not event.style and event.value in ("", "~", "null", "Null", "NULL")
