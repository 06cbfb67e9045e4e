"""The future canary is silent where nothing reads past a block, and sings where a statement does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from models.features import build
from models.features.build import build_features
from models.wallets import words
from models.whatif.canary import FutureCanary, FutureKnown, _cut_in_two, future_canary
from sql.files import Statement, load, load_folder
from sql.store import Store
from sql.transform import transform
from tests.fixtures.payments import CHAIN, write_payments
from tests.fixtures.stores import new_store

ANNA, BERT, CARL = (bytes([number]) * 20 for number in (0xA1, 0xB2, 0xC3))
COIN = 10**18
BOUND = "block_number <= {to_block:UInt64}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Three wallets that pay round and round, with a token now and then."""
    store = new_store(tmp_path_factory.mktemp("canary") / "store")
    ring = [ANNA, BERT, CARL]
    payments = [
        (block, 1_000 * block, ring[block % 3], ring[(block + 1) % 3], block * COIN // 7, b"", 1)
        for block in range(1, 25)
    ]
    write_payments(store, payments, [(4, 4_000, CARL, BERT, 500), (20, 20_000, BERT, ANNA, 200)])
    transform(store, chain_id=CHAIN, from_block=0, to_block=24)
    build_features(store, chain_id=CHAIN, to_block=24)
    yield store
    store.close()


def _leaking(statement: Statement) -> Statement:
    """The same, with its bound ten blocks late."""
    return replace(statement, text=statement.text.replace(BOUND, f"{BOUND} + 10"))


def test_nothing_that_is_read_knows_what_happens_after_the_block(world: Store) -> None:
    asked: list[int] = []

    def score(rows, names, said):
        asked.append(len(names))
        return rows[:, names.index("move_count")]

    told = future_canary(world, chain_id=CHAIN, score=score)

    assert told == FutureCanary(wallets=3, to_block=13, changed_features=(), changed_words=0, changed_scores=0)
    assert not told.leaks
    told.require_silence()
    assert str(told) == "a future that never was changed nothing of 3 wallets cut at block 13"
    assert len(asked) == 2
    assert future_canary(world, chain_id=2) == FutureCanary(0, 0, (), 0, 0)


def test_a_statement_that_reads_ten_blocks_too_far_is_caught(world: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def folder(name: str) -> list[Statement]:
        return [_leaking(one) if one.name == "features/04_tokens" else one for one in load_folder(name)]

    assert BOUND in load("features/04_tokens").text
    monkeypatch.setattr(build, "load_folder", folder)
    monkeypatch.setattr(words, "load", lambda name: _leaking(load(name)))

    told = future_canary(world, chain_id=CHAIN)

    assert told.leaks
    assert told.changed_words == 3
    assert "token_count" in told.changed_features
    assert "in_count" not in told.changed_features
    with pytest.raises(FutureKnown, match=r"changed token.*of 3 wallets cut at block 13.* No model was registered"):
        told.require_silence()


def test_wallets_are_watched_only_where_one_cut_leaves_moves_on_both_sides(world: Store) -> None:
    """Two pairs live one after the other; ANNA, BERT and CARL live through the middle of it."""
    early, late = [bytes([number]) * 20 for number in (1, 2)], [bytes([number]) * 20 for number in (3, 4)]
    assert _cut_in_two(world, [ANNA, BERT, CARL], CHAIN, 2)[1] == [ANNA, BERT]
    payments = [(30 + n, 30_000 + n, *(early if n < 6 else late), COIN, b"", 1) for n in range(12)]
    write_payments(world, payments, [])
    transform(world, chain_id=CHAIN, from_block=30, to_block=41)

    assert _cut_in_two(world, [*early, ANNA], CHAIN, 9) == (33, early)
    cut, watched = _cut_in_two(world, [*early, *late, ANNA, BERT, CARL], CHAIN, 9)
    assert watched == [ANNA, BERT, CARL]
    assert cut == 13
    assert _cut_in_two(world, [b"\x09" * 20], CHAIN, 9) == (0, [])
