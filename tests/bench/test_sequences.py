"""The benchmark of sequences reads the published files as they are, and judges no row that it learned from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.sentences import SequenceSet, chronological, likeness_groups, read_sets
from bench.sequences import OURS, Records, _material, _one_seed, _summary
from bench.unlabelled import recognised
from chainsight.errors import DataCheckError
from models.sequences.history import Histories, join
from models.sequences.members import MEMBERS
from models.sequences.verdict import Heard, decide, folds
from tests.fixtures.histories import PASSER, SINGLE, made_up

HEADER = "index\tlabel\tsentence"


def sentence(*moves: tuple[str, int, int, int, int, int]) -> str:
    names = ("2-gram", "3-gram", "4-gram", "5-gram")
    return "  ".join(
        f"amount: {amount} in_out: {way} " + " ".join(f"{name}: {gap}" for name, gap in zip(names, gaps, strict=True))
        for amount, way, *gaps in moves
    ) + "."  # fmt: skip


def write(folder: Path, *lines: str, header: str = HEADER) -> Path:
    (folder / "spn_dev.tsv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return folder


def test_a_sentence_in_no_order_is_put_in_order_of_time_and_the_index_is_dropped(tmp_path: Path) -> None:
    shuffled = sentence(
        ("0.19", 1, 300, 1200, 0, 0), ("1.0", 0, 5, 305, 1205, 0), ("0.4", 0, 0, 0, 0, 0), ("0.2", 1, 900, 0, 0, 0)
    )
    orphan = sentence(("1.0", 0, 0, 0, 0, 0), ("2.0", 1, 70, 50, 0, 0))
    found = read_sets(write(tmp_path, f"9\t1\t{shuffled}", f"8\t0\t{orphan}"))["spn"]
    assert found.labels.tolist() == [1, 0]
    assert found.histories.amounts.tolist() == [0.4, 0.2, 0.19, 1.0, 1.0, 2.0]
    assert found.histories.directions.tolist() == [0, 1, 1, 0, 0, 1]
    assert found.histories.gaps.tolist() == [0, 900, 300, 5, 0, 70]
    assert (found.reordered, found.unordered) == (1, 1)


def gaps_before(times: np.ndarray) -> np.ndarray:
    """The 2- to 5-gram of each transaction."""
    return np.array(
        [[times[i] - times[i - back] if i >= back else 0 for back in (1, 2, 3, 4)] for i in range(len(times))]
    )


@pytest.mark.parametrize("length", [1, 2, 5, 40])
def test_any_order_of_transactions_is_undone(length: int) -> None:
    draw = np.random.default_rng(length)
    gaps = gaps_before(np.cumsum(draw.integers(1, 90_000, length)))
    order = draw.permutation(length)
    found = chronological(gaps[order])
    assert found is not None
    np.testing.assert_array_equal(gaps[order][found], gaps)


def test_transactions_of_one_second_are_put_where_they_fit() -> None:
    draw = np.random.default_rng(3)
    gaps = gaps_before(np.cumsum(draw.integers(0, 3, 60) * draw.integers(1, 9_000, 60)))
    found = chronological(gaps[draw.permutation(60)])
    assert found is not None
    assert sorted(found.tolist()) == list(range(60))
    assert chronological(gaps) is not None


GOOD = sentence(("1.0", 0, 0, 0, 0, 0))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1\t1\t" + GOOD[:30], "cannot be read from"),
        ("1\t1", "not an index"),
        ("1\t2\t" + GOOD, "not an index"),
        ("1\t1\t", "the sentence is empty"),
        ("1\t1\t" + GOOD.replace("1.0", "nan"), "negative or no number"),
        ("1\t1\t" + GOOD.replace("1.0", "inf"), "negative or no number"),
        ("1\t1\t" + GOOD.replace("1.0", "-1.0"), "negative or no number"),
        ("1\t1\t" + GOOD.replace("1.0", "a lot"), "cannot be read from"),
        ("1\t1\t" + GOOD.replace("in_out: 0", "in_out: 3"), "in_out is neither 0 nor 1"),
    ],
)
def test_a_line_that_is_damaged_is_named_and_nothing_is_read(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(DataCheckError, match=rf"spn_dev\.tsv, line 3: .*{said}"):
        read_sets(write(tmp_path, "1\t0\t" + GOOD, line))


def test_files_without_a_header_or_a_set_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataCheckError, match="none of the sets MulDi, b4e, spn"):
        read_sets(tmp_path)
    with pytest.raises(DataCheckError, match="does not begin with index"):
        read_sets(write(tmp_path, header="1\t0\t" + GOOD))
    with pytest.raises(DataCheckError, match="no sequence"):
        read_sets(write(tmp_path))


def test_what_is_likely_one_account_is_in_one_group_and_in_one_fold() -> None:
    longer = join([PASSER.first(5), made_up(1, 3, 0)])
    longer = Histories(longer.amounts, longer.directions, longer.gaps, np.array([0, len(longer.amounts)]))
    nearly = Histories(PASSER.amounts * (1 + 1e-6), PASSER.directions, PASSER.gaps, PASSER.offsets)
    groups = likeness_groups(join([PASSER, SINGLE, longer, nearly, SINGLE, made_up(1, 9, 1)]))
    assert groups[0] == groups[2] == groups[3]
    assert groups[1] == groups[4]
    assert len(set(groups.tolist())) == 3
    labels, kinds = np.tile([0, 1], 60), np.zeros(120, dtype=np.int64)
    pairs = np.arange(120) // 2
    number = folds(labels, kinds, pairs, 5, 0)
    assert all(len(set(number[pairs == pair])) == 1 for pair in range(60))
    assert (np.bincount(number) > 15).all()


def test_an_unlabelled_history_of_a_judged_account_is_recognised() -> None:
    rare = Histories(np.array([1.0, 0.12345678]), np.array([0, 1], np.int8), np.zeros(2), np.array([0, 2]))
    longer = Histories(np.array([0.123457, 5.0]), np.array([1, 1], np.int8), np.zeros(2), np.array([0, 2]))
    assert recognised(join([longer, SINGLE, PASSER]), join([rare, PASSER])).tolist() == [True, False, True]


def test_one_class_is_too_few_to_learn_from() -> None:
    with pytest.raises(DataCheckError, match="Set 0 has 0 positive and 40 negative"):
        folds(np.zeros(40, np.int64), np.zeros(40, np.int64), np.arange(40), 5, 0)


def test_the_combination_that_is_better_inside_is_taken_and_its_line_is_a_rank() -> None:
    draw = np.random.default_rng(1)
    labels = draw.integers(0, 2, 200)
    good, noise = labels + draw.normal(0, 0.4, (2, 200)), draw.normal(0, 1, (2, 200))
    heard = {"trees": Heard(good, np.array([-9.0, 9.0])), "words": Heard(noise, np.array([9.0, -9.0]))}
    verdict = decide(heard, labels, 0)
    assert verdict.chosen == ("trees",)
    assert verdict.scores.tolist() == [0.0, 1.0]
    assert 0.3 < verdict.threshold < 0.7
    assert verdict.inner_f1["trees",] > verdict.inner_f1["words",] + 0.2


def test_wallets_that_pass_money_on_are_found_in_folds_and_in_further_rows_by_what_was_fixed_before() -> None:
    learn, further = _story(60, 1), _story(20, 2)
    material = _material(["spn"], [learn, further], None)
    rows = np.arange(80)
    records = Records()
    _one_seed(material, ["spn"], [(rows[:60], rows[60:])], 0, records)
    found = {voice: _summary(material, ["spn"], told, rows[60:]) for voice, told in records.by_voice.items()}
    assert found[OURS]["spn_f1"] > 0.9
    assert (
        found[OURS].keys() == found["flat LightGBM"].keys() == {"spn_f1", "spn_auc", "spn_f1_spread", "spn_auc_spread"}
    )
    assert found["all flagged"] == pytest.approx(
        {"spn_f1": 2 / 3, "spn_auc": 0.5, "spn_f1_spread": 0, "spn_auc_spread": 0}, abs=1e-3
    )
    # Labels of judged rows change nothing that is said about them.
    flipped = replace(material, labels=np.where(rows < 60, material.labels, 1 - material.labels))
    said = [MEMBERS["varied_trees"](world, rows[:60], rows[60:], 0) for world in (material, flipped)]
    np.testing.assert_array_equal(*said)


def _story(count: int, seed: int) -> SequenceSet:
    """Half of the wallets send on within a minute what they got, half within weeks."""
    draw = np.random.default_rng(seed)
    amounts = np.repeat(np.round(draw.lognormal(0, 1, count), 6), 2)
    labels = np.arange(count) % 2
    gaps = np.zeros(2 * count)
    gaps[1::2] = np.where(labels == 1, draw.integers(5, 60, count), draw.integers(86_400, 10**6, count))
    histories = Histories(amounts, np.tile(np.array([0, 1], np.int8), count), gaps, np.arange(0, 2 * count + 1, 2))
    return SequenceSet("spn", histories, labels, 0, 0)
