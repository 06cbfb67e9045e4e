"""Kept up to date block by block, features are what they would be made at once.

More examples: CHAINSIGHT_DERIVE_EXAMPLES=100 pytest tests/models/test_features_kept.py
"""

from __future__ import annotations

import inspect
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from ingest.commit import Origin, commit_blocks
from ingest.recompute import CONCLUSIONS
from ingest.tombstones import uncommitted
from ingest.withdraw import withdraw_blocks
from models.features import build
from models.features.build import build_features, update_features
from models.features.matrix import ALL_GROUPS, FURTHER_GROUPS
from sql.derive import derive
from sql.files import load_folder
from sql.store import Store
from tests.fixtures.forks import CHAIN_ID, branch
from tests.fixtures.stores import new_store

EXAMPLES = int(os.environ.get("CHAINSIGHT_DERIVE_EXAMPLES", "0"))
_LENGTH = 24
_CHAIN = branch(None, _LENGTH, seconds=25_000)
_ORIGIN = Origin("rpc", "a test", sender_sample=1_000)


@contextmanager
def fresh_store() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        store = new_store(f"{folder}/store")
        try:
            for function in load_folder("functions"):
                store.command(function)
            yield store
        finally:
            store.close()


def commit(store: Store, first: int, last: int) -> None:
    for start, end in uncommitted(store, chain_id=CHAIN_ID, first=first, last=last):
        commit_blocks(store, _CHAIN[start - 1 : end], chain_id=CHAIN_ID, origin=_ORIGIN, finality="latest")


def seen(store: Store) -> dict[str, list[str]]:
    """Every visible row of every feature table; what of it only says when it was written apart."""
    rows = "SELECT hex(toString(tuple(* EXCEPT (version, computed_at)))) AS row FROM {} ORDER BY row"
    return {
        group: store.query(rows.format(group)).column("row").to_pylist() for group in (*ALL_GROUPS, *FURTHER_GROUPS)
    }


_RANGE = st.tuples(st.integers(1, _LENGTH), st.integers(0, 9)).map(lambda ends: (ends[0], min(sum(ends), _LENGTH)))
_ACTIONS = st.lists(st.tuples(st.sampled_from(["commit", "commit", "withdraw"]), _RANGE), min_size=2, max_size=4)


@settings(max_examples=max(EXAMPLES, 1), deadline=None, suppress_health_check=[HealthCheck.too_slow],
          phases=(Phase.explicit, Phase.generate, Phase.shrink) if EXAMPLES else (Phase.explicit,))  # fmt: skip
@given(_ACTIONS)
@example([("commit", (15, 16)), ("withdraw", (7, 8)), ("withdraw", (12, 12))])
def test_kept_up_to_date_block_by_block_features_are_those_of_a_build(
    actions: list[tuple[str, tuple[int, int]]],
) -> None:
    with fresh_store() as store:
        commit(store, 5, 12)
        derive(store, chain_id=CHAIN_ID)
        update_features(store, chain_id=CHAIN_ID)
        for what, (first, last) in actions:
            if what == "commit":
                commit(store, first, last)
            else:
                withdraw_blocks(store, chain_id=CHAIN_ID, first=first, last=last)
        commit(store, 20, 20)
        derive(store, chain_id=CHAIN_ID)
        update = update_features(store, chain_id=CHAIN_ID)
        kept = seen(store)
        built = build_features(store, chain_id=CHAIN_ID)
        assert kept == seen(store)
        assert (update.addresses, update.as_of_block) == (built.addresses, built.as_of_block)
        assert update_features(store, chain_id=CHAIN_ID).described == 0
        assert kept == seen(store)


def test_where_code_that_computes_features_changed_nothing_of_before_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    computing = build._COMPUTING
    now = build._checksum(CHAIN_ID)
    for place in range(len(computing)):
        monkeypatch.setattr(build, "_COMPUTING", computing[:place] + computing[place + 1 :])
        assert build._checksum(CHAIN_ID) != now
    listed = {inspect.getfile(one) for one in computing}
    compiled = {str(path) for path in Path(build.__file__).parent.glob("*.py") if "njit" in path.read_text()}
    assert compiled
    assert compiled <= listed
    assert not [path for path in compiled if "nogil=True" not in Path(path).read_text()]


def test_every_table_of_features_is_withdrawn_with_the_blocks_it_knew() -> None:
    assert {*ALL_GROUPS, *FURTHER_GROUPS} <= set(CONCLUSIONS)
