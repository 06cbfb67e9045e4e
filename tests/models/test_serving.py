"""From labels to answers in one world: predictions of everybody, one wallet from the store, and what cannot be trusted."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from chainsight.cli import main
from chainsight.errors import MissingComponent, StoreEmpty
from models import registry
from models.features.build import build_features
from models.features.one import read_one
from models.predict import predict
from models.registry import ModelAltered, active_model
from models.serving import FeaturesChanged, WalletScorer, answer_as_document
from models.train import TrainSummary, train_wallets
from models.wallets.words import no_words
from sql.files import load
from sql.store import Store
from tests.fixtures.wallet_world import CHAIN, a_wallet, label_wallets, labelled_store

CROOK, VICTIM = a_wallet(2, 35), a_wallet(3, 3)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, TrainSummary]]:
    """A store with features, a model learnt from few labels, and predictions; one wallet is called both licit and illicit."""
    with labelled_store(tmp_path_factory.mktemp("serving")) as store:
        label_wallets(store, {a_wallet(1, 30): "phishing"})
        summary = train_wallets(store, chain_id=CHAIN)
        predict(store, chain_id=CHAIN)
        yield store, summary


def _rows(store: Store) -> list[dict]:
    return store.query(
        "SELECT substring(hex(address), 1, 2) AS kind, address, probability, probability_low, probability_high, log_odds, "
        "base_log_odds, toString(model_answer) AS answer, toString(abstained) AS abstained, is_elevated, base_rate, "
        "toString(base_rate_unknown) AS unknown, base_rate_probability, anomaly, contribution_themes, reasons, rarities, "
        "structure_anomaly FROM wallet_predictions ORDER BY address"
    ).to_pylist()


def test_few_labels_train_a_cross_fitted_model_that_finds_the_others(trained) -> None:
    store, summary = trained
    assert summary.metrics["protocol"].startswith("5-fold cross-fit")
    assert "left out: 1 with labels in conflict" in str(summary)
    # Controls and the leak alarm run however few they are: 30 of each class, and who they are says nothing once dealt out anew.
    controls, baselines = summary.metrics["controls"], summary.metrics["baselines"]
    assert abs(controls["shuffled_labels_held"] - controls["learnt_share"]) < 0.25
    assert not controls["leaks"]
    assert set(baselines) == {"first_ts alone (leak alarm)", "degree rule", "isolation forest"}
    rows = _rows(store)
    found = {kind: [row for row in rows if row["kind"] == kind] for kind in ("01", "02", "03")}
    assert np.mean([row["probability"] for row in found["02"]]) > 0.8
    assert np.mean([row["probability"] for row in found["01"]]) < 0.2
    assert {(row["answer"], row["abstained"], row["probability"]) for row in found["03"]} == {
        ("insufficient_evidence", "insufficient evidence", None)
    }
    assert {row["is_elevated"] for row in found["02"]} == {1}
    # So few others say nothing of how many are illicit, and no probability is moved by a guess.
    assert {(row["base_rate"], row["base_rate_probability"]) for row in rows} == {(None, None)}
    assert all("100 are needed" in row["unknown"] for row in rows)

    again = predict(store, chain_id=CHAIN)
    assert again.model_id == summary.model_id
    assert _rows(store) == rows


def test_a_probability_comes_with_its_interval_its_answer_and_reasons_that_add_up(trained) -> None:
    store, _ = trained
    judged = [row for row in _rows(store) if row["probability"] is not None]
    assert all(0 <= row["probability_low"] <= row["probability"] <= row["probability_high"] <= 1 for row in judged)
    assert {row["answer"] for row in judged} <= {"benign", "illicit", "review"}
    told = [row for row in judged if row["contribution_themes"]]
    assert {row["kind"] for row in told} >= {"02"}
    for row in told:
        whole = row["base_log_odds"] + sum(part["contribution"] for part in row["contribution_themes"])
        assert whole == pytest.approx(row["log_odds"], abs=1e-6)
        assert "wallets" in row["reasons"][0] or "undefined" in row["reasons"][0]
    # Channels are not mixed: rarities are of unusual ones whatever the model says, and nobody looked at structure.
    assert all((row["anomaly"] >= 0.99) == bool(row["rarities"]) for row in _rows(store))
    assert {row["structure_anomaly"] for row in judged} == {None}


def test_one_wallet_is_answered_as_in_the_predictions_and_one_move_is_no_evidence(trained) -> None:
    store, summary = trained
    scorer = WalletScorer.active(store, chain_id=CHAIN)
    answer = answer_as_document(scorer.answer(store, CROOK))
    stored = next(row for row in _rows(store) if row["address"] == CROOK)
    assert answer["probability"] == pytest.approx(stored["probability"], abs=1e-9)
    assert answer["base_log_odds"] + sum(answer["themes"].values()) == pytest.approx(answer["log_odds"], abs=1e-6)
    assert [reason["sentence"] for reason in answer["reasons"]] == stored["reasons"]
    assert (answer["model_id"], answer["is_elevated"]) == (summary.model_id, True)

    # A labelled one is answered, in both places, by the one member that has not seen it.
    known = a_wallet(2, 3)
    member = scorer.model.only([known])
    alone = answer_as_document(scorer.answer(store, known))
    row, as_of = read_one(store, known, scorer.names, chain_id=CHAIN)
    words = scorer.words(store, [known], to_block=as_of)
    assert member[0] >= 0
    assert alone["log_odds"] == pytest.approx(scorer.model.odds(row, words, member)[0], abs=1e-9)
    assert alone["log_odds"] != pytest.approx(scorer.model.odds(row, words)[0], abs=1e-9)
    stored = next(row for row in _rows(store) if row["address"] == known)
    assert stored["log_odds"] == pytest.approx(alone["log_odds"], abs=1e-9)

    # What was kept with the prediction is what the store says when it is put together anew.
    row, as_of = read_one(store, CROOK, scorer.names, chain_id=CHAIN)
    anew = scorer.model.shares(row, scorer.words(store, [CROOK], to_block=as_of))
    assert anew.log_odds[0] == answer["log_odds"]

    for say in (scorer.answer, scorer.answer_anew):
        victim = answer_as_document(say(store, VICTIM))
        assert (victim["model_answer"], victim["probability"], victim["reasons"]) == ("insufficient_evidence", None, [])
        assert (victim["themes"], victim["as_of_block"]) == ({}, answer["as_of_block"])
    with pytest.raises(StoreEmpty, match="never gave or received"):
        scorer.answer(store, a_wallet(9, 9))
    with pytest.raises(MissingComponent, match="no wallet model of chain 777"):
        WalletScorer.active(store, chain_id=777)


def test_what_was_kept_is_not_believed_once_features_were_built_again_up_to_the_same_block(trained) -> None:
    store, _ = trained
    scorer = WalletScorer.active(store, chain_id=CHAIN)

    def is_current() -> bool:
        (row,) = store.query(load("queries/model_inputs"), chain_id=CHAIN, address=CROOK.hex()).to_pylist()
        return bool(row["is_current"])

    before = answer_as_document(scorer.answer(store, CROOK))
    assert is_current()
    build_features(store, chain_id=CHAIN)
    assert not is_current()
    assert answer_as_document(scorer.answer(store, CROOK)) == before
    predict(store, chain_id=CHAIN)
    assert is_current()


def test_infinities_count_as_undefined_emptiness_abstains_and_a_million_moves_are_judged(trained) -> None:
    store, _ = trained
    scorer = WalletScorer.active(store, chain_id=CHAIN)
    rows = np.full((4, len(scorer.names)), 3.0, np.float32)
    rows[1, ::2], rows[2] = np.inf, np.nan
    rows[0, ::2], rows[3] = np.nan, 1e6
    for row in (0, 1, 3):
        rows[row, scorer.names.index("move_count")] = 1e6
    said = scorer.score(rows, no_words(4))
    assert said.probability[0] == said.probability[1]
    assert (said.answer[2], np.isnan(said.probability[2])) == ("insufficient_evidence", True)
    assert 0 <= said.probability[3] <= 1


def test_a_store_without_the_features_a_model_was_grown_on_is_told_which(trained) -> None:
    store, _ = trained
    scorer = WalletScorer.active(store, chain_id=CHAIN)
    with pytest.raises(FeaturesChanged, match=r"does not have: gap_mean, move_count\.") as raised:
        scorer.check([name for name in scorer.names if name not in ("gap_mean", "move_count")])
    assert "train wallets" in raised.value.next_step


def _flip(folder: Path) -> str:
    path = folder / "member_0/trees_0.txt"
    path.write_bytes(path.read_bytes().replace(b"leaf_value=", b"leaf_valuE=", 1))
    return "member_0/trees_0.txt"


def _truncate(folder: Path) -> str:
    path = folder / "certainty.json"
    path.write_bytes(path.read_bytes()[:-9])
    return "certainty.json"


def _delete(folder: Path) -> str:
    (folder / "peers.safetensors").unlink()
    return "peers.safetensors is|peers.safetensors of model .* is gone"


def _swap(folder: Path) -> str:
    one, other = folder / "member_1/trees_0.txt", folder / "member_2/trees_0.txt"
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    return "member_1/trees_0.txt"


def _relist(folder: Path) -> str:
    """Whoever alters a file and writes its new hash into the manifest is found by the model's name."""
    _flip(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["member_0/trees_0.txt"] = registry._sha256(folder / "member_0/trees_0.txt")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return "manifest.json"


def _retell(folder: Path) -> str:
    """Figures have no hash; the store wrote them down when the model was registered."""
    manifest = json.loads((folder / "manifest.json").read_text())
    metrics = manifest["metrics"]
    metrics["figures"][metrics["shipped"]]["f1"] = 0.123
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return "manifest.json"


def _garble(folder: Path) -> str:
    (folder / "manifest.json").write_text("{")
    return "manifest.json"


@pytest.mark.parametrize("alter", [_flip, _truncate, _delete, _swap, _relist, _retell, _garble])
def test_an_altered_model_scores_nothing_and_what_was_predicted_stays(trained, alter: Callable[[Path], str]) -> None:
    store, _ = trained
    before = _rows(store)
    model = active_model(store, kind="wallets", chain_id=CHAIN)
    assert model is not None
    kept = {path: path.read_bytes() for path in model.folder.rglob("*") if path.is_file()}
    try:
        named = alter(model.folder)
        with pytest.raises(ModelAltered, match=named):
            predict(store, chain_id=CHAIN)
        with pytest.raises(ModelAltered, match=named):
            WalletScorer.active(store, chain_id=CHAIN)
    finally:
        for path, content in kept.items():
            path.write_bytes(content)
    assert _rows(store) == before


def test_people_are_told_of_models_and_of_one_wallet_by_commands(trained, capsys, monkeypatch) -> None:
    """The last of these tests: commands open the store themselves."""
    store, summary = trained
    store.close()

    def said(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["chainsight", "models", *words, "--store", store.dsn])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code in (0, None)
        return capsys.readouterr().out

    answer = json.loads(said("answer", "0x" + CROOK.hex(), "--json"))
    assert (answer["model_answer"], answer["model_id"]) == ("illicit", summary.model_id)
    assert answer["base_log_odds"] + sum(answer["themes"].values()) == pytest.approx(answer["log_odds"], abs=1e-6)
    assert [row["model"] for row in json.loads(said("list", "--json"))["models"]] == [summary.model_id]
    card = said("card")
    for part in ("data hash", "code commit", "Threshold", "Reliability by size", "insufficient evidence", "Limits"):
        assert part in card
    assert "1 that sources call both licit and illicit" in card
