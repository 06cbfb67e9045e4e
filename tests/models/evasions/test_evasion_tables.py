"""Histories read from the store, and what the store makes of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chainsight.errors import StoreEmpty
from models.evasions.history import COIN, History, Move
from models.evasions.payments import AddHops, SplitAmounts
from models.evasions.tables import history_of, moves_of
from models.whatif.engine import features_of_variants
from models.whatif.moves import read_wallet_moves
from sql.files import load
from sql.store import Store
from tests.fixtures.payments import CHAIN, write_payments

ANNA, BERT, CARL = (bytes([number]) * 20 for number in (0xA1, 0xB2, 0xC3))
PAYMENTS = [
    (11, 1_000, ANNA, BERT, 2 * COIN, b"", 1),
    (12, 1_600, BERT, CARL, 19 * COIN // 10, b"", 1),
    (13, 2_600, ANNA, BERT, 1234567 * 10**10, b"", 1),
    (14, 90_000, BERT, BERT, 5, b"\x09\x5e\xa7\xb3", 1),
    (15, 90_100, BERT, CARL, 5 * COIN, b"", 0),
]
TOKENS = [(14, 90_000, CARL, BERT, 500), (15, 90_100, BERT, ANNA, 200)]


def test_a_history_keeps_all_that_features_and_words_know_and_an_evasion_shows_in_them(store: Store) -> None:
    write_payments(store, PAYMENTS, TOKENS)
    store.command(load("transforms/address_transfers"), chain_id=CHAIN, from_block=0, to_block=20, version=1)
    read = read_wallet_moves(store, BERT, chain_id=CHAIN, to_block=20)
    history = history_of(read)
    assert [(m.kind, m.is_out, m.amount, m.success) for m in history.moves] == [
        ("transaction", False, 2 * COIN, 1),
        ("transaction", True, 19 * COIN // 10, 1),
        ("transaction", False, 1234567 * 10**10, 1),
        ("transaction", True, 5, 1),
        ("erc20", False, 500, 1),
        ("transaction", True, 5 * COIN, 0),
        ("erc20", True, 200, 1),
    ]
    assert history_of(moves_of(history)) == history

    draw = np.random.default_rng(0)
    split, hidden = (one.apply(history, draw).histories[0] for one in (SplitAmounts(3, 1), AddHops(1, 1.0)))
    variants = [read, *(moves_of(one) for one in (history, split, hidden))]
    told = features_of_variants(store, variants, chain_id=CHAIN, to_block=20)

    np.testing.assert_array_equal(told.values[0], told.values[1])
    said = [{w for who, w in zip(told.words.speaker, told.words.word, strict=True) if who == one} for one in range(4)]
    assert said[0] == said[1]
    moves, parties = (told.names.index(name) for name in ("move_count", "counterparties"))
    # Three payments went through, each in three parts; the failed one and the call are as they were.
    assert told.values[:, moves].tolist() == [6, 6, 12, 6]
    assert told.values[:, parties].tolist() == [3, 3, 3, 5]
    assert f"<{2 * COIN}" in said[0] - said[2]
    with pytest.raises(StoreEmpty, match="The store holds no moves of 0xa1a1"):
        history_of(read_wallet_moves(store, ANNA, chain_id=CHAIN + 1, to_block=20))


def test_amounts_beyond_any_float_and_moves_without_a_transaction_come_back_as_they_were() -> None:
    moves = (
        Move(5, 1, 0, 0, False, ANNA, 2**255 + 1, kind="withdrawal"),
        Move(5, 1, 7, 3, True, ANNA, 2**254 + 3, kind="erc1155", token=CARL),
    )
    history = History(BERT, moves)
    assert history_of(moves_of(history)) == history
    assert history_of(replace(moves_of(history), address=CARL)).address == CARL
