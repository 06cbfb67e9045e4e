"""Variants of histories get the features that the store would give them, and leave the store alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from models.features.build import build_features
from models.features.matrix import OWN_GROUPS, FeatureMatrix, read_features
from models.wallets.words import Words, read_words
from models.whatif.engine import Rehearsal, features_of_variants
from models.whatif.moves import WalletMoves, amounts_of, as_amounts, read_wallet_moves
from sql.store import Store
from sql.transform import transform
from tests.fixtures.payments import CHAIN, write_payments
from tests.fixtures.stores import new_store

ANNA, BERT, CARL = (bytes([number]) * 20 for number in (0xA1, 0xB2, 0xC3))
COIN = 10**18
# (block, second, sender, receiver, wei, method id, success)
PAYMENTS = [
    (1, 1_000, ANNA, BERT, 2 * COIN, b"", 1),
    (2, 1_600, BERT, CARL, 19 * COIN // 10, b"", 1),
    (3, 2_600, ANNA, BERT, 1234567 * 10**10, b"", 1),
    (4, 90_000, BERT, BERT, 5, b"\x09\x5e\xa7\xb3", 1),
    (5, 90_100, BERT, CARL, 5 * COIN, b"", 0),
    (6, 90_200, ANNA, None, 0, b"", 1),
]
TOKENS = [(4, 90_000, CARL, BERT, 500), (5, 90_100, BERT, ANNA, 200)]
WHO = (ANNA, BERT, CARL)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Bert passes on what Anna sends; he pays himself once, fails once, and was given something without a transaction."""
    store = new_store(tmp_path_factory.mktemp("whatif") / "store")
    write_payments(store, PAYMENTS, TOKENS)
    store.command(
        "INSERT INTO transfers (chain_id, block_number, block_timestamp, transaction_index, kind, position, from_address,"
        " to_address, amount, version) SELECT 1, 3, toDateTime(2600, 'UTC'), 4, 'internal', 3,"
        " toFixedString(unhex({carl:String}), 20), toFixedString(unhex({bert:String}), 20), 7, 1",
        carl=CARL.hex(), bert=BERT.hex(),
    )  # fmt: skip
    transform(store, chain_id=CHAIN, from_block=0, to_block=10)
    yield store
    store.close()


def _built(store: Store, to_block: int) -> FeatureMatrix:
    build_features(store, chain_id=CHAIN, to_block=to_block)
    return read_features(store, chain_id=CHAIN, groups=OWN_GROUPS)


def _rows(store: Store) -> list[dict[str, int]]:
    tables = ("transactions", "transfers", *OWN_GROUPS)
    return [
        store.query(f"SELECT count() AS n, sum(cityHash64(*)) AS digest FROM {table}").to_pylist()[0]
        for table in tables
    ]


def _moves(store: Store, *addresses: bytes) -> list[WalletMoves]:
    return [read_wallet_moves(store, address, chain_id=CHAIN, to_block=10) for address in addresses]


def _said(words: Words, wallet: int) -> set[tuple[int, str]]:
    return {
        (int(family), word)
        for who, family, word in zip(words.speaker, words.family, words.word, strict=True)
        if who == wallet
    }


@pytest.mark.parametrize("to_block", [10, 3])
def test_an_unaltered_history_gives_the_stored_features_and_words_to_the_bit(world: Store, to_block: int) -> None:
    stored = _built(world, to_block)
    before = _rows(world)

    told = features_of_variants(world, _moves(world, *WHO, BERT), chain_id=CHAIN, to_block=to_block)

    assert told.names == stored.names
    np.testing.assert_array_equal(told.values, stored.values[stored.rows_of([*WHO, BERT])])
    assert told.moves()[1] == (9 if to_block == 10 else 4)
    words = read_words(world, WHO, chain_id=CHAIN, to_block=to_block)
    assert [_said(told.words, wallet) for wallet in (0, 1, 2, 3)] == [_said(words, wallet) for wallet in (0, 1, 2, 1)]
    assert _rows(world) == before


def test_a_batch_knows_nothing_of_the_batch_before_and_a_change_is_seen_where_it_was_made(world: Store) -> None:
    (bert,) = _moves(world, BERT)
    no_tokens = np.zeros(bert.tokens.num_rows, np.bool_)
    is_first = np.arange(bert.native.num_rows) < 2
    thrice = [3 * amount for amount in amounts_of(bert.native)]
    place = bert.native.column_names.index("amount")
    richer = WalletMoves(BERT, bert.native.set_column(place, "amount", as_amounts(thrice)), bert.tokens)
    nothing = bert.keep(~is_first & is_first, no_tokens)

    with Rehearsal.open(world, chain_id=CHAIN, to_block=10) as rehearsal:
        none = rehearsal.features([])
        rehearsal.features([bert] * 3)
        told = rehearsal.features([bert, bert.keep(is_first, no_tokens), richer, nothing])

    def of(variant: int, *names: str) -> list[float]:
        return [float(told.values[variant, told.names.index(name)]) for name in names]

    assert (len(none), none.names, none.words.wallets) == (0, told.names, 0)
    assert told.moves().tolist() == [9, 2, 9, 0]
    assert of(1, "in_count", "out_count", "lifetime", "self_count") == [1, 1, 600, 0]
    assert of(0, "in_count", "out_count", "self_count") == [4, 3, 2]
    assert of(2, "in_amount_max")[0] == pytest.approx(np.log1p(6 * 1000), rel=1e-6)
    assert of(2, "kept_share") == pytest.approx(of(0, "kept_share"), rel=1e-6)
    assert np.isnan(told.values[3]).all()


def test_of_a_long_history_the_latest_moves_are_read_and_the_others_counted(world: Store) -> None:
    latest = read_wallet_moves(world, BERT, chain_id=CHAIN, to_block=10, most=3)
    assert latest.native.column("block_number").to_pylist() == [4, 5]
    assert latest.tokens.column("block_number").to_pylist() == [4, 5]
    assert latest.left_out == 4
    assert len(read_wallet_moves(world, b"\x01" * 20, chain_id=CHAIN, to_block=10)) == 0
