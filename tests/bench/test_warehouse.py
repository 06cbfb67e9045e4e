"""The questions are asked of small stores as of large ones: every one has an answer, and copies are rows like the sample's."""

from __future__ import annotations

from pathlib import Path

from bench.enlarged import fill_enlarged
from bench.questions import answerable, draw, measure
from bench.sizes import table_bytes
from sql.files import load_folder
from sql.store import open_store
from tests.fixtures.archives import DEMO_CHAIN_ID, demo_archive


def test_every_question_has_an_answer_on_copies_whose_rows_stay_consistent(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    store = open_store(f"chdb://{folder}")
    fill_enlarged(store, demo_archive(tmp_path / "a", 40), [], transfers=900, chain_id=DEMO_CHAIN_ID)

    counts = store.query(
        "SELECT count() AS transfers, uniqExact(block_number) AS blocks,"
        " countIf(block_number NOT IN (SELECT block_number FROM blocks)) AS lost,"
        " (SELECT count() FROM address_transfers) AS sides,"
        " countIf(from_address != toFixedString('', 20)) + countIf(to_address != toFixedString('', 20)) AS parties"
        " FROM transfers"
    ).to_pylist()[0]
    assert counts["transfers"] >= 900
    assert counts["lost"] == 0
    assert counts["sides"] == counts["parties"] > 0
    assert table_bytes(store)["transfers"] > 0

    sets = draw(store, chain_id=DEMO_CHAIN_ID, count=3, seed=1)
    asked = {latency.question: latency for latency in measure(store, folder, sets, cold=1)}
    assert len(answerable(sets)) == len(load_folder("bench_questions")) == 12
    assert set(asked) == {question.name.split("/")[1] for question in load_folder("bench_questions")}
    assert all(0 < latency.p50 <= latency.p95 for latency in asked.values())
    certain = ("address_transfers", "address_counterparties", "block", "contract_logs", "latest_transfers", "token_day")
    assert [name for name in (*certain, "transaction_by_hash") if not asked[name].rows] == []
    store.close()
