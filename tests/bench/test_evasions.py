"""What the table of the evasions benchmark says of trials whose outcome is known."""

from __future__ import annotations

import numpy as np

from bench.evasions import cheapest, figures
from models.evasions.suite import SuiteResult, Trial


def a_suite(*escaped: list[int]) -> SuiteResult:
    """A weak and a strong evasion for 1 and 3 coins, and who escapes by which."""
    return SuiteResult(
        tuple(
            Trial("hide", strength, np.array(freed, np.bool_), np.full(len(freed), cost))
            for strength, cost, freed in zip(("weak", "strong"), (1.0, 3.0), escaped, strict=True)
        )
    )


def test_a_row_is_the_share_still_found_over_draws_and_nobody_is_freed_twice() -> None:
    told = [a_suite([1, 0, 0, 0], [1, 1, 1, 0]), a_suite([0, 0, 0, 0], [1, 1, 1, 1])]
    recall, beside = figures(told, a_suite([1, 1, 1, 1], [1, 1, 1, 1]))
    assert recall == {"hide, weak": 0.875, "hide, strong": 0.125, "whatever they do": 0.125}
    assert beside["deviation"]["hide, weak"] == 0.125
    assert beside["median cost in coins"] == {"hide, weak": 1, "hide, strong": 3, "whatever they do": 3}
    assert set(beside["trees without words"].values()) == {0}
    assert cheapest(told) == {
        "hide, weak": {"share": 0.125, "median_cost": 1},
        "hide, strong": {"share": 0.75, "median_cost": 3},
    }
