"""Features of a world small enough to work out by hand, and what must not change them."""

from __future__ import annotations

import numpy as np
import pytest

from models.features import neighbours
from models.features.build import build_features
from models.features.matrix import ALL_GROUPS, FURTHER_GROUPS, FeatureMatrix, describe_features, read_features
from models.wallets.words import FAMILIES, read_words
from sql.store import Store
from sql.transform import transform
from tests.fixtures.payments import CHAIN, TOKEN, write_payments

ANNA, BERT, CARL, DORA = (bytes([number]) * 20 for number in (0xA1, 0xB2, 0xC3, 0xD4))
COIN = 10**18
APPROVE = bytes.fromhex("095ea7b3")

# (block, second, sender, receiver, wei, method id, success)
WORLD = [
    (1, 1_000, ANNA, BERT, 2 * COIN, b"", 1),
    (2, 1_600, BERT, CARL, 19 * COIN // 10, b"", 1),
    (3, 2_600, ANNA, BERT, 1234567 * 10**10, b"", 1),
    (4, 90_000, BERT, CARL, 0, APPROVE, 1),
    (5, 90_100, BERT, CARL, 5 * COIN, b"", 0),
    (6, 90_200, ANNA, None, 0, b"", 1),  # makes a contract
]


def _features(store: Store, until: int = 10, *, groups: tuple[str, ...] = ALL_GROUPS, **limits: int) -> FeatureMatrix:
    transform(store, chain_id=CHAIN, from_block=0, to_block=until)
    build_features(store, chain_id=CHAIN, to_block=until, **limits)
    return read_features(store, chain_id=CHAIN, groups=groups)


def _of(matrix: FeatureMatrix, address: bytes, *names: str) -> list[float]:
    row = matrix.rows_of([address])[0]
    return [float(matrix.values[row, matrix.names.index(name)]) for name in names]


def _known_to(store: Store, group: str) -> dict[bytes, int]:
    rows = store.query(f"SELECT address, as_of_block FROM {group} WHERE chain_id = 1").to_pylist()
    return {row["address"]: row["as_of_block"] for row in rows}


def _label_illicit(store: Store, *addresses: bytes) -> None:
    for address in addresses:
        store.command(
            "INSERT INTO labels (address, category, label, source, known_from, version)"
            " SELECT unhex({address:String}), 'phishing', 'bad', 'test', toDateTime64(0, 3, 'UTC'), 1",
            address=address.hex(),
        )


def test_what_a_forwarder_does_is_counted_as_by_hand(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "_ROWS_AT_ONCE", 1)
    write_payments(store, WORLD, [(4, 90_000, CARL, BERT, 500)])
    matrix = _features(store)
    assert _of(matrix, BERT, "move_count", "in_count", "out_count", "lifetime", "active_days") == [5, 2, 3, 89_100, 2]
    assert _of(matrix, BERT, "in_counterparties", "out_counterparties", "mutual_share") == [1, 1, 0]
    assert _of(matrix, BERT, "gap_median", "gap_max", "first_is_out") == [
        1000,
        87_400,
        0,
    ]  # of 100, 600, 1000, 87,400 the upper median
    # 1.9 of the 2 coins left after ten minutes; the failed five moved nothing.
    assert _of(matrix, BERT, "delay_median", "passed_on_share", "within_ten_minutes_share") == [600, 1, 1]
    assert _of(matrix, BERT, "out_failed_share", "out_approve_share") == [pytest.approx(1 / 3)] * 2
    received = 2 + 0.01234567
    assert _of(matrix, BERT, "kept_share")[0] == pytest.approx(1 - 1.9 / received, rel=1e-5)
    assert _of(matrix, BERT, "in_amount_sum")[0] == pytest.approx(np.log1p(received * 1000), rel=1e-5)
    assert _of(matrix, BERT, "in_round_share", "in_digits_mean") == [0.5, 4]
    assert _of(matrix, BERT, "token_in_count", "token_kept_share", "token_untouched_share") == [1, 1, 1]
    assert _of(matrix, BERT, "in_neighbours", "in_neighbours_out_count_mean") == [2, pytest.approx((2 + 0) / 2)]
    assert _of(matrix, ANNA, "out_neighbours") == _of(matrix, CARL, "out_neighbours") == [1]
    # Carl gave what nobody saw coming: there was nothing to empty or to keep.
    assert np.isnan(_of(matrix, CARL, "token_emptied_share", "token_kept_share")).all()
    assert _of(matrix, CARL, "token_sent_unseen_share") == [1]


def test_what_one_sends_to_oneself_arrives_before_it_leaves(store: Store) -> None:
    write_payments(store, WORLD, [(2, 1_600, CARL, DORA, 500), (4, 90_000, DORA, DORA, 500)])
    matrix = _features(store)
    assert _of(matrix, DORA, "token_in_count", "token_out_count") == [2, 1]
    assert _of(matrix, DORA, "token_delay_median", "token_within_hour_share") == [0, 1]


def test_words_are_what_an_address_says_up_to_the_block_in_the_part_of_its_life_that_is_asked_for(store: Store) -> None:
    write_payments(store, WORLD, [(4, 90_000, CARL, BERT, 500)])
    known = {"chain_id": CHAIN, "to_block": 4}
    words = read_words(store, [BERT, DORA], **known)
    said = sorted((FAMILIES[family], word) for family, word in zip(words.family, words.word, strict=True))
    assert set(words.speaker.tolist()) == {0}
    assert said == [
        ("amount", "<12345670000000000"), ("amount", "<2000000000000000000"), ("amount", ">1900000000000000000"),
        ("call", "<:0"), ("call", ">095ea7b3:68"), ("call", ">:0"),
        ("counterparty", "<" + ANNA.hex()), ("counterparty", "<" + CARL.hex()), ("counterparty", ">" + CARL.hex()),
        ("method", "<"), ("method", ">"), ("method", ">095ea7b3"),
        ("token", "<" + TOKEN.hex()),
    ]  # fmt: skip
    young = read_words(store, [BERT, DORA], life_seconds=700, **known)
    assert sorted(young.word[young.family == FAMILIES.index("amount")]) == [
        "<2000000000000000000",
        ">1900000000000000000",
    ]


def test_details_are_counted_as_by_hand(store: Store) -> None:
    store.command(
        "INSERT INTO transactions (chain_id, block_number, block_timestamp, transaction_index, from_address, to_address, value,"
        " gas_price, effective_gas_price, gas_used, success, nonce, version)"
        " SELECT 1, place, toDateTime(86400 * 2 + place * 600), who,"
        " toFixedString([unhex({anna:String}), unhex({bert:String}), unhex({carl:String})][who + 1], 20),"
        " toFixedString(unhex({anna:String}), 20), toUInt256(who * place) * 1000000000000000000,"
        " [10, 20, 40][who + 1] * 1000000000, [10, 20, 40][who + 1] * 1000000000, if(place = 1, 21000, 50000), 1, place, 1"
        " FROM (SELECT number % 3 AS who, intDiv(number, 3) + 1 AS place FROM numbers(6))",
        anna=ANNA.hex(), bert=BERT.hex(), carl=CARL.hex(),
    )  # fmt: skip
    store.command(
        "INSERT INTO logs (chain_id, block_number, log_index, address, topics, data, version) SELECT 1, 2, number,"
        " toFixedString(unhex({token:String}), 20),"
        " [unhex('8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925'),"
        " concat(unhex(repeat('00', 12)), repeat(char(number), 20)), concat(unhex(repeat('00', 12)), unhex({bert:String}))],"
        " if(number < 2, repeat(char(255), 32), repeat(char(1), 32)), 1 FROM numbers(3)",
        token=TOKEN.hex(), bert=BERT.hex(),
    )  # fmt: skip
    matrix = _features(store, groups=("address_detail_features",))
    # The 3rd of January 1970 was a Saturday.
    assert _of(matrix, BERT, "gas_price_ratio_mean", "plain_send_share", "nonce_max", "weekend_share") == [1, 0.5, 2, 1]
    assert _of(matrix, CARL, "gas_price_ratio_mean", "gas_price_ratio_deviation", "out_gap_min") == [2, 0, 600]
    fees = [20 * 21_000 / 1e9, 20 * 50_000 / 2e9]
    assert _of(matrix, BERT, "fee_over_amount_mean")[0] == pytest.approx(sum(fees) / 2, rel=1e-5)
    # It received 1 and 2 from Bert, 2 and 4 from Carl, twice nothing from itself.
    assert _of(matrix, ANNA, "in_amount_gini")[0] == pytest.approx(2 * (1 + 4 + 6 + 16) / (4 * 9) - 5 / 4, rel=1e-5)
    assert _of(matrix, ANNA, "net_amount")[0] == pytest.approx(np.log1p(9_000), rel=1e-5)
    assert _of(matrix, BERT, "unlimited_approvals", "failed_count", "lookalike_count") == [2, 0, 0]
    # A call that costs more than a transfer runs code.
    assert _of(matrix, ANNA, "is_contract") == [1]
    assert _of(matrix, BERT, "is_contract") == [0]


def test_what_an_address_never_did_is_undefined_not_zero(store: Store) -> None:
    write_payments(store, WORLD)
    matrix = _features(store)
    assert np.isnan(_of(matrix, ANNA, "in_amount_mean", "delay_median", "token_count", "in_gap_mean")).all()
    assert _of(matrix, ANNA, "in_count", "out_count") == [0, 2]


def test_making_a_contract_pays_nobody_yet_its_gas_is_known(store: Store) -> None:
    write_payments(store, WORLD)
    matrix = _features(store)
    assert _of(matrix, ANNA, "out_count", "out_counterparties", "counterparties") == [2, 1, 1]
    # A withdrawn block 6 takes the row with it that knows the gas of the contract.
    assert (_known_to(store, "address_features")[ANNA], _known_to(store, "address_detail_features")[ANNA]) == (3, 6)


def test_blocks_after_the_as_of_block_change_nothing(store: Store) -> None:
    _label_illicit(store, ANNA, CARL, DORA)
    write_payments(store, WORLD, [(1, 1_000, ANNA, BERT, 5), (2, 1_600, BERT, CARL, 5), (3, 2_600, CARL, BERT, 5)])
    every = (*ALL_GROUPS, *FURTHER_GROUPS)
    before = _features(store, until=3, groups=every)
    assert _of(before, BERT, "illicit_distance", "illicit_taint")[0] == 1
    write_payments(store, [(7, 200_000, ANNA, CARL, COIN, APPROVE, 1), (8, 200_001, CARL, ANNA, COIN, b"", 1)])
    # Dora comes late, has a label, and gets the next number of all.
    write_payments(
        store, [(9, 300_000, BERT, BERT, COIN, b"", 1)], [(9, 300_000, ANNA, BERT, 1), (9, 300_000, DORA, BERT, 1)]
    )
    transform(store, chain_id=CHAIN, from_block=0, to_block=10)
    build_features(store, chain_id=CHAIN, to_block=3)
    after = read_features(store, chain_id=CHAIN, groups=every)
    np.testing.assert_array_equal(after.addresses, before.addresses)
    np.testing.assert_array_equal(after.values, before.values)
    assert after.as_of_block == 3


def test_moving_the_whole_world_in_time_and_height_changes_nothing(store: Store) -> None:
    write_payments(store, WORLD)
    here = _features(store)
    store.command("TRUNCATE TABLE transactions")
    store.command("TRUNCATE TABLE transfers")
    store.command("TRUNCATE TABLE address_edges")
    days = 1_000 * 86_400
    write_payments(store, [(block + 50, second + days, *rest) for block, second, *rest in WORLD])
    there = _features(store, until=100)
    np.testing.assert_array_equal(there.addresses, here.addresses)
    np.testing.assert_array_equal(there.values, here.values)


def test_a_short_life_keeps_the_first_moves_of_each_address(store: Store) -> None:
    write_payments(store, WORLD)
    store.command(
        "INSERT INTO logs (chain_id, block_number, block_timestamp, log_index, address, version)"
        " SELECT 1, 4, toDateTime(90000, 'UTC'), 0, toFixedString(unhex({carl:String}), 20), 1",
        carl=CARL.hex(),
    )
    matrix = _features(store, life_seconds=700, groups=(*ALL_GROUPS, "address_detail_features"))
    assert _of(matrix, BERT, "move_count", "lifetime") == [2, 600]
    # What Anna signed later and Carl's event, which says that he is a contract, came after that part of their lives.
    assert _of(matrix, CARL, "is_contract") == [0]
    assert _known_to(store, "address_detail_features") == {ANNA: 1, BERT: 2, CARL: 2}


def test_a_second_build_withdraws_addresses_that_are_gone(store: Store) -> None:
    write_payments(store, WORLD)
    assert len(_features(store).addresses) == 3
    assert len(_features(store, until=1).addresses) == 2


def test_every_feature_column_says_what_it_is(store: Store) -> None:
    described = describe_features(store)
    assert len(described) > 300
    assert not [name for name, comment in described.items() if len(comment) < 15]
    assert not [
        name for name in described if any(word in name for word in ("gas", "fee", "nonce", "timestamp", "block_number"))
    ]
