"""Who learns and who is judged in the wallets benchmark."""

from __future__ import annotations

from hashlib import sha256

import numpy as np

from bench.wallets import Accounts, View, prepare
from models.wallets.words import no_words

COUNT = 600
START_OF_2017, START_OF_2018, START_OF_2019, START_OF_2021 = 1_483_228_800, 1_514_764_800, 1_546_300_800, 1_609_459_200


def accounts() -> Accounts:
    """Illicit ones of four years, licit ones of the first; their only feature is their place in the list."""
    draw = np.random.default_rng(0)
    labels = draw.integers(0, 2, COUNT)
    seen = draw.integers(START_OF_2017, START_OF_2021, COUNT)
    seen[labels == 0] = draw.integers(START_OF_2017, START_OF_2018, int((labels == 0).sum()))
    view = View(np.arange(COUNT, dtype=np.float32)[:, None], no_words(COUNT))
    addresses = tuple(sha256(bytes([n % 256, n // 256])).digest()[:20] for n in range(COUNT))
    return Accounts(addresses, labels, seen, ("x",), 1, view, view, view, view)


def test_nobody_who_is_judged_is_learnt_from_and_later_accounts_are_judged_by_earlier_ones() -> None:
    everybody = accounts()
    is_judged = np.arange(COUNT) % 5 == 0
    courses = prepare(everybody.take(~is_judged), everybody.take(is_judged))
    for course in (courses.whole, courses.young, courses.rehearsal, courses.late):
        learnt, judged = course.rows[:, 0].astype(int), course.judged[:, 0].astype(int)
        assert not is_judged[learnt].any()
        assert not set(learnt) & set(judged)
    late, then = courses.late.judged[:, 0].astype(int), courses.rehearsal.judged[:, 0].astype(int)
    illicit = everybody.labels == 1
    assert (everybody.first_seen[late][illicit[late]] >= START_OF_2019).all()
    assert set(late) >= set(np.flatnonzero(everybody.first_seen >= START_OF_2019))
    assert is_judged[late][~illicit[late]].all()
    assert not is_judged[then].any()
    assert (everybody.first_seen[then] < START_OF_2019).all()
    assert (everybody.first_seen[courses.rehearsal.rows[:, 0].astype(int)] < START_OF_2018).all()
