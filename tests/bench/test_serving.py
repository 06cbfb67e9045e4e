"""Whom the serving benchmark asks about."""

from __future__ import annotations

import numpy as np

from bench.serving import wallets_to_ask


def test_nobody_is_asked_about_twice_or_with_less_than_the_model_asks_for_and_half_are_labelled() -> None:
    labelled, enough = np.arange(0, 60), np.arange(100) % 2 == 0
    asked = wallets_to_ask(labelled, enough, 40, np.random.default_rng(0))
    assert len(set(asked.tolist())) == len(asked) == 40
    assert enough[asked].all()
    assert np.isin(asked, labelled).sum() == 20

    few = wallets_to_ask(labelled[:10], enough, 40, np.random.default_rng(0))
    assert sorted(few.tolist()) == sorted(set(few.tolist()))
    assert np.isin(few, labelled[:10]).sum() == 5
