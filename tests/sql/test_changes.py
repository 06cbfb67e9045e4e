"""Which transforms run, and over which blocks, follows from marks and changes alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sql.changes import Change, Mark, Scope, Seen, changed_ranges, in_pieces, plan, remade, scope_of
from sql.files import Statement, load_folder
from sql.marks import settings_checksum
from sql.transform import built_table

NOW = 1000


def statement(name: str, text: str, scope: str) -> Statement:
    """A transform as a file would give it."""
    return Statement(name=f"transforms/{name}", text=text, purpose="", header={"scope": scope})


TRANSFERS = statement("transfers_x", "INSERT INTO transfers SELECT * FROM logs", "commit")
BY_BLOCK = statement("by_block", "INSERT INTO by_block SELECT * FROM transfers", "block")
BY_DAY = statement("by_day", "INSERT INTO by_day SELECT * FROM by_block", "day")
OVERALL = statement("overall", "INSERT INTO overall SELECT * FROM transfers", "history")
LEARNT = statement("learnt", "INSERT INTO learnt SELECT * FROM logs, tokens", "block")
ALL = [OVERALL, BY_DAY, BY_BLOCK, TRANSFERS]


def seen(*changes: tuple[int, int, int], head: int = 99, tokens: int = 0) -> Seen:
    """A store's state: changes as (from, to, version)."""
    return Seen(head, tuple(Change(*change) for change in changes), {"tokens": tokens}, NOW)


def marked(*statements: Statement, changes_version: int = 10, knowledge: int = 0) -> dict[str, Mark]:
    """Marks of a run that is over."""
    return {one.name: Mark(one.name, one.checksum, changes_version, knowledge, 5, 50) for one in statements}


def planned(statements: list[Statement], marks: dict[str, Mark], now: Seen) -> dict[str, tuple[str, list[str]]]:
    """Reason and ranges by short name, in order."""
    return {
        run.transform.removeprefix("transforms/"): (run.reason, [f"{a}:{b}" for a, b in run.blocks])
        for run in plan(statements, marks, now)
    }


def test_what_never_ran_runs_over_all_blocks_and_what_the_commit_wrote_does_not() -> None:
    assert planned(ALL, {}, seen((1, 99, 10))) == {
        "transfers_x": ("blocks changed", []),
        "by_block": ("never ran", ["0:99"]),
        "overall": ("never ran", ["0:99"]),
        "by_day": ("never ran", ["0:99"]),
    }


def test_a_second_plan_is_empty() -> None:
    runs = plan(ALL, {}, seen((1, 99, 10)))
    assert plan(ALL, {run.transform: run.mark for run in runs}, seen((1, 99, 10))) == []


def test_new_blocks_are_run_alone_and_days_from_the_first_of_them_to_the_watermark() -> None:
    marks = marked(*ALL)
    assert planned(ALL, marks, seen((1, 80, 10), (81, 90, 11), (91, 99, 12), (40, 44, 13))) == {
        "transfers_x": ("blocks changed", []),
        "by_block": ("blocks changed", ["40:44", "81:99"]),
        "overall": ("blocks changed", ["0:99"]),
        "by_day": ("blocks changed", ["40:99"]),
    }


def test_blocks_behind_the_watermark_left_nothing_to_run_but_the_day_before_them() -> None:
    assert planned(ALL, marked(*ALL), seen((90, 120, 11), head=89)) == {
        "transfers_x": ("blocks changed", []),
        "by_block": ("blocks changed", []),
        "overall": ("blocks changed", ["0:89"]),
        "by_day": ("blocks changed", ["90:89"]),
    }


def test_a_file_that_changed_runs_whole_and_so_does_all_that_reads_it() -> None:
    marks = marked(*ALL)
    edited = statement("by_block", BY_BLOCK.text + " WHERE amount > 0", "block")
    assert planned([OVERALL, BY_DAY, edited, TRANSFERS], marks, seen((1, 99, 10))) == {
        "by_block": ("its file changed", ["0:99"]),
        "by_day": ("what it reads was written anew", ["0:99"]),
    }
    retold = statement("by_block", "-- Other words.\n" + BY_BLOCK.text, "block")
    assert planned([OVERALL, BY_DAY, retold, TRANSFERS], marks, seen((1, 99, 10))) == {}


def test_what_reads_a_table_that_was_written_anew_follows_also_when_that_was_another_day() -> None:
    marks = marked(*ALL)
    marks[BY_BLOCK.name] = Mark(BY_BLOCK.name, BY_BLOCK.checksum, 10, 0, whole_version=60, version=60)
    assert planned(ALL, marks, seen((1, 99, 10))) == {"by_day": ("what it reads was written anew", ["0:99"])}


def test_knowledge_that_changed_runs_what_reads_it() -> None:
    assert planned([LEARNT], marked(LEARNT), seen((1, 99, 10), tokens=7)) == {
        "learnt": ("what it knows changed", ["0:99"])
    }
    assert planned([LEARNT], marked(LEARNT, knowledge=7), seen((1, 99, 10), tokens=7)) == {}
    unmoved = replace(seen((1, 99, 10), tokens=7), untouched=frozenset({LEARNT.name}))
    assert planned([LEARNT], marked(LEARNT), unmoved) == {}
    learnt_at_commit = statement("transfers_y", "INSERT INTO transfers SELECT * FROM logs, tokens", "commit")
    assert planned([learnt_at_commit], {}, seen((1, 99, 10), tokens=7)) == {"transfers_y": ("never ran", ["0:99"])}


def test_a_forgotten_mark_runs_everything_the_commit_wrote_too() -> None:
    marks = {name: Mark(name, "", 0, 0, 0, 50) for name in (one.name for one in ALL)}
    assert {reason for reason, _ in planned(ALL, marks, seen((1, 99, 10))).values()} == {"rebuild"}
    assert planned(ALL, marks, seen((1, 99, 10)))["transfers_x"] == ("rebuild", ["0:99"])


def test_a_file_that_came_later_runs_over_the_blocks_that_were_committed_before() -> None:
    later = statement("transfers_z", "INSERT INTO transfers SELECT * FROM logs WHERE 1", "commit")
    assert planned([*ALL, later], marked(*ALL), seen((1, 99, 10))) == {
        "transfers_z": ("never ran", ["0:99"]),
        "by_block": ("what it reads was written anew", ["0:99"]),
        "overall": ("what it reads was written anew", ["0:99"]),
        "by_day": ("what it reads was written anew", ["0:99"]),
    }


def test_settings_of_the_chain_that_changed_run_the_files_that_ask_for_them() -> None:
    marks = marked(*ALL)
    marks[OVERALL.name] = replace(marks[OVERALL.name], settings="before")
    now = replace(seen((1, 99, 10)), settings={OVERALL.name: "after"})
    assert planned(ALL, marks, now) == {"overall": ("settings of the chain changed", ["0:99"])}
    asks = statement("asks", "INSERT INTO asked SELECT {stablecoins:Array(String)}, {chain_id:UInt64}", "block")
    of_one, of_two = (
        settings_checksum(asks, {"stablecoins": coins, "categories": ["x"]}) for coins in (["0x1"], ["0x2"])
    )
    assert of_one != of_two
    assert of_one == settings_checksum(asks, {"stablecoins": ["0x1"], "categories": ["y"]})
    assert settings_checksum(OVERALL, {"stablecoins": []}) == ""


def test_where_blocks_went_nothing_may_stay_that_the_run_does_not_write() -> None:
    def swept(*changes: Change, head: int = 99) -> dict[str, tuple[tuple[int, int], ...]]:
        return {run.builds: run.swept for run in plan(ALL, marked(*ALL), replace(seen(head=head), changes=changes))}

    went = Change(90, 120, 12, is_withdrawal=True)
    assert swept(Change(81, 89, 11))["by_block"] == ()
    assert swept(went, Change(5, 6, 11), head=95)["by_block"] == ((90, 95), (96, 2**64 - 1))
    assert swept(went, head=80)["by_block"] == ((81, 2**64 - 1),)
    assert swept(went)["by_day"] == swept(went)["overall"] == swept(went)["transfers"] == ()


def test_a_table_is_written_anew_when_all_its_files_ran_over_all_blocks_and_after_the_last_of_them() -> None:
    other = statement("transfers_y", "INSERT INTO transfers SELECT * FROM logs, tokens", "commit")
    both = [TRANSFERS, other]
    runs = plan(both, {one.name: Mark(one.name, "", 0, 0, 0, 50) for one in both}, seen((1, 99, 10)))
    assert remade(runs, both) == {runs[-1].transform}
    assert remade(plan(both, marked(*both), seen((1, 99, 10), tokens=7)), both) == frozenset()
    builders = [built_table(one) for one in load_folder("transforms") if scope_of(one) is Scope.BLOCK]
    assert len(builders) == len(set(builders)), "what one file writes, a sweep after another would take back"


def test_many_ranges_become_few_by_joining_the_closest() -> None:
    changes = [Change(first, first, 1) for first in (1, 3, 50, 52, 99)]
    assert changed_ranges(changes, 200, most=5) == ((1, 1), (3, 3), (50, 50), (52, 52), (99, 99))
    assert changed_ranges(changes, 200, most=3) == ((1, 3), (50, 52), (99, 99))
    assert changed_ranges(changes, 200, most=1) == ((1, 99),)
    assert changed_ranges([], 200) == changed_ranges(changes, 0) == ()


def test_ranges_are_cut_where_partitions_end() -> None:
    assert in_pieces([(999_999, 1_000_000), (5_000_000, 5_000_001)]) == (
        (999_999, 999_999),
        (1_000_000, 1_000_000),
        (5_000_000, 5_000_001),
    )


def test_every_transform_of_ours_states_its_scope() -> None:
    assert {scope_of(found) for found in load_folder("transforms")} <= set(Scope)
    with pytest.raises(ValueError, match=r"transforms/x needs a line `-- scope: …` with one of commit, block, day"):
        scope_of(statement("x", "INSERT INTO x SELECT 1", "weekly"))
