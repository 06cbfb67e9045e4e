"""Reference pages come from the code; these tests fail when they lag behind it."""

import doctest
import importlib
import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def generated():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pages()


def test_the_reference_is_what_the_code_says(generated):
    pages = {page.name: page.read_text() for page in (ROOT / "docs/reference").iterdir()}
    assert [name for name in pages | generated if pages.get(name) != generated.get(name)] == [], "run: make docs"


def test_every_relative_link_in_the_docs_leads_somewhere():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")]
    links = [(page, target) for page in pages for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page, target in links
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_the_code_map_names_every_folder():
    architecture = (ROOT / "ARCHITECTURE.md").read_text()
    folders = [
        "chainsight",
        "ingest",
        "sql",
        "graph",
        "models",
        "risk",
        "scheduler",
        "service",
        "bench",
        "demo",
        "tests",
    ]
    assert [folder for folder in folders if f"`{folder}/`" not in architecture] == []


MODULES_WITH_EXAMPLES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for folder in ("chainsight", "ingest", "sql", "graph", "models", "risk", "scheduler", "service", "bench", "demo")
    for path in (ROOT / folder).rglob("*.py")
    if re.search(r"^\s*>>> ", path.read_text(), re.MULTILINE)
)


@pytest.mark.parametrize("name", MODULES_WITH_EXAMPLES)
def test_examples_in_docstrings_give_what_they_show(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted > 0
    assert found.failed == 0
