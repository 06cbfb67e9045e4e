"""GraphSense TagPacks: YAML with a header whose fields every tag below it inherits, unless it has its own.

A tag says of an address: label, source (where it is known from), currency or network, category, abuse, concepts, confidence,
actor, context, lastmod. `labels.source` is `tagpack:` and the file's name without its ending, because titles of published packs
are not unique; a newer issue of a pack has the same name. Where a tag has several words for what it is (category, abuse,
concepts) they are kept together, `user:sanction`, and the gravest decides our category.

Source: TagPack schema and README of GraphSense (github.com/graphsense/graphsense-tagpack-tool).
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from chainsight.categories import source_confidence
from chainsight.errors import ArchiveDamaged
from ingest.delimited import TextFile
from ingest.label_reading import LabelReading, Said
from ingest.stated_addresses import LeftOut
from ingest.yaml_events import YamlList, YamlMap, YamlValue, read_yaml

_FORM = Path(__file__).with_name("tagpacks.toml")
_KEY = re.compile(r"^(title|creator|tags|actors)[ \t]*:", re.MULTILINE)
_OF_THE_PACK = frozenset({"title", "creator", "description", "owner", "is_public", "tags"})
_TO_CONTEXT = ("actor", "context", "is_cluster_definer", "tag_type")


def is_yaml(file: TextFile) -> bool:
    """Whether a file is YAML rather than lines of cells, by what stands in it."""
    return file.path.name.removesuffix(".gz").endswith((".yaml", ".yml")) or _KEY.search(file.text[:20_000]) is not None


def read_tagpack(file: TextFile, reading: LabelReading) -> None:
    """Read one TagPack.

    Raises `ArchiveDamaged`, naming the line, for what is not YAML, holds aliases or keys given twice, or is no TagPack.
    """
    pack = read_yaml(file)
    tags = pack.values.get("tags")
    if tags is None and "actors" in pack.values:
        raise ArchiveDamaged(
            f"{file.path} is an actor pack: it speaks of organisations, not of addresses.",
            next_step="Import the tag packs that refer to it; the actor of a tag is kept in its context.",
        )
    if not isinstance(tags, YamlList):
        raise ArchiveDamaged(f"{file.path} holds no list of tags.", next_step="Check that it is a TagPack.")
    inherited = {key: value for key, value in pack.values.items() if key not in _OF_THE_PACK}
    for line, tag in zip(tags.lines, tags.values, strict=True):
        if not isinstance(tag, YamlMap):
            reading.leave_out(file, line, LeftOut("is no tag"), [_plain_text(tag)])
            continue
        _take(file, line, {**inherited, **tag.values}, pack, reading)


def source_of(file: TextFile) -> str:
    """What `labels.source` says of the tags of a pack.

    >>> source_of(TextFile(Path("packs/Miners.yaml.gz"), "", "", True))
    'tagpack:miners'
    """
    name = file.path.name.lower().removesuffix(".gz").removesuffix(".yaml").removesuffix(".yml")
    return f"tagpack:{name}"


def _take(file: TextFile, line: int, tag: Mapping[str, YamlValue], pack: YamlMap, reading: LabelReading) -> None:
    row = [f"{key}: {_plain_text(value)}" for key, value in tag.items()]
    address = _text(tag, "address")
    if not address:
        what = "names a transaction, not an address" if _text(tag, "tx_hash") else "names no address"
        reading.leave_out(file, line, LeftOut(what), row)
        return
    said = Said(
        address=address,
        label=_text(tag, "label"),
        category=_words(tag),
        source=source_of(file),
        chain=_text(tag, "network") or _text(tag, "currency"),
        confidence=_confidence(file, line, tag, reading),
        uri=_text(tag, "source"),
        context=_context(tag, pack),
        stated_at=_moment(file, line, tag, reading),
    )
    reading.take(file, line, said, row)


def _words(tag: Mapping[str, YamlValue]) -> str:
    concepts = tag.get("concepts", "")
    listed = (
        [_plain_text(one) for one in concepts.values] if isinstance(concepts, YamlList) else [_plain_text(concepts)]
    )
    words = (word.strip() for word in (_text(tag, "category"), _text(tag, "abuse"), *listed))
    return ":".join(dict.fromkeys(word for word in words if word))


def _confidence(file: TextFile, line: int, tag: Mapping[str, YamlValue], reading: LabelReading) -> float:
    word = _text(tag, "confidence").lower()
    if not word:
        return source_confidence("tagpack")
    if word not in _confidences():
        reading.doubt(file, line, word, "is no word for confidence that is known here")
        return _confidences()["unknown"]
    return _confidences()[word]


def _moment(file: TextFile, line: int, tag: Mapping[str, YamlValue], reading: LabelReading) -> int:
    """Unix seconds of `lastmod`; 0 where there is none, or none that ClickHouse's DateTime can hold."""
    stated = _text(tag, "lastmod")
    if not stated:
        return 0
    try:
        moment = dt.datetime.fromisoformat(stated)
        seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp())
    except (ValueError, OverflowError):
        seconds = -1
    if 0 <= seconds < 1 << 32:
        return seconds
    reading.doubt(file, line, stated, "is no date of 1970 to 2106")
    return 0


def _context(tag: Mapping[str, YamlValue], pack: YamlMap) -> str:
    """What has no column of its own, and whose pack it is, as JSON."""
    found = {key: _plain(tag[key]) for key in _TO_CONTEXT if tag.get(key)}
    found |= {key: _plain(pack.values[key]) for key in ("creator", "title") if pack.values.get(key)}
    return json.dumps(found, ensure_ascii=False, sort_keys=True) if found else ""


def _text(tag: Mapping[str, YamlValue], key: str) -> str:
    return _plain_text(tag.get(key, "")).strip()


def _plain_text(value: YamlValue) -> str:
    return value if isinstance(value, str) else json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: YamlValue) -> object:
    """As JSON has it; nesting was bounded when the file was read."""
    if isinstance(value, YamlMap):
        return {key: _plain(one) for key, one in value.values.items()}
    return [_plain(one) for one in value.values] if isinstance(value, YamlList) else value


@cache
def _confidences() -> dict[str, float]:
    found: dict[str, float] = tomllib.loads(_FORM.read_text(encoding="utf-8"))["confidence"]
    return found
