"""Which graphs bench graph measures, and when it must measure them anew."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bench.graph import _files_of_code, protocol, wanted_edges
from chainsight.errors import UsageError

ROOT = Path(__file__).parents[2]


def test_sizes_have_exact_names_and_none_stands_twice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHAINSIGHT_GRAPH_EDGES", "1500000,1000000,20000,1234")
    names = [task.name for task in protocol(tmp_path, wanted_edges())]
    assert names == ["few", "accounts", "1234", "20k", "1M", "1500k"]
    monkeypatch.setenv("CHAINSIGHT_GRAPH_EDGES", "20000,020000")
    with pytest.raises(UsageError, match="no list of different sizes"):
        wanted_edges()


def test_what_was_measured_with_other_code_is_measured_anew() -> None:
    known = {str(file.relative_to(ROOT)) for file in _files_of_code()}
    assert _imported("bench/graph_parts.py", "bench/graph_peers.py") <= known
    assert {
        "bench/power_law.py",
        "chainsight/categories.py",
        "graph/local/kernels.py",
        "graph/spark/graphframes.lock",
    } <= known


def _imported(*begin: str) -> set[str]:
    """Files of bench and graph that some files import, at first or at last hand."""
    found: set[str] = set()
    border = list(begin)
    while border:
        file = border.pop()
        if file not in found:
            found.add(file)
            for node in ast.walk(ast.parse((ROOT / file).read_text())):
                named = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                paths = [f"{name.replace('.', '/')}.py" for name in named if name.startswith(("bench.", "graph."))]
                border += [path for path in paths if (ROOT / path).exists()]
    return found
