"""Text of strangers on a terminal: shown as it is written, never obeyed."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from rich.console import Console

from chainsight.cli import output
from chainsight.errors import ArchiveDamaged
from ingest.delimited import TextFile, refuse_page

HOSTILE = "x[/nope] [red]:warning:[link=http://x]\x1b]8;;http://x\x07\x9b2J\u202eabc\u2066"
SHOWN = r"x[/nope] [red]:warning:[link=http://x]\x1b]8;;http://x\x07\x9b2J\u202eabc\u2066"
OBEYED = "\x07\x9b\u202e\u2066"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What a terminal of 200 columns without colours gets from both streams."""
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=200, highlight=False, color_system=None)
    monkeypatch.setattr(output, "_stdout", console)
    monkeypatch.setattr(output, "_stderr", console)
    return screen


def _in_a_bar(text: str) -> None:
    with output.watching() as progress:
        progress.step(1, 2, text)


def _above_a_bar(text: str) -> None:
    with output.watching() as progress:
        progress.note(text)


WAYS: list[Callable[[str], None]] = [
    lambda text: output.emit_rows([{"label": text}]),
    lambda text: output.emit_rows([{text: 1}]),
    lambda text: output.emit_rows([{"label": "wide" * 30}], title=text),
    output.say,
    lambda text: output.fail(ArchiveDamaged(text, next_step="Look.")),
    _in_a_bar,
    _above_a_bar,
]


@pytest.mark.parametrize("way", WAYS)
def test_what_a_stranger_wrote_is_shown_and_not_obeyed(terminal: io.StringIO, way: Callable[[str], None]) -> None:
    way(HOSTILE)
    assert SHOWN in terminal.getvalue()
    assert not set(OBEYED) & set(terminal.getvalue())
    assert "\x1b]" not in terminal.getvalue()


@pytest.mark.parametrize("text", ["[/x] hi", "x[/nope]", "größe 😀 漢字"])
def test_brackets_and_letters_of_any_language_stay_as_they_are(terminal: io.StringIO, text: str) -> None:
    output.emit_rows([{"text": text}])
    assert text in terminal.getvalue()


def test_a_json_document_says_the_same_without_a_character_that_a_terminal_obeys(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output.emit({"label": HOSTILE, "name": "größe", "broken": "\udcff"})
    printed = capsys.readouterr().out
    assert printed.rstrip("\n").isprintable()
    assert json.loads(printed) == {"label": HOSTILE, "name": "größe", "broken": "\udcff"}


def test_a_page_in_the_place_of_a_file_is_quoted_without_its_controls(tmp_path: object) -> None:
    page = TextFile(path=f"{tmp_path}/list.csv", sha256="", text="<html\x1b[2J>\n", is_clean=True)  # type: ignore[arg-type]
    with pytest.raises(ArchiveDamaged) as refused:
        refuse_page(page)
    assert r"<html\x1b[2j>" in str(refused.value)
    assert str(refused.value).isprintable()
