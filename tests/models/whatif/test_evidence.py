"""What an explanation says of a wallet in a small world with a model that was really trained."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from chainsight.cli import app
from chainsight.cli.commands import register
from chainsight.cli.explain import evidence_sentence, sentence, to_document
from models import registry, train
from models.features import build
from models.serving import WalletScorer
from models.train import TrainSummary, train_wallets
from models.whatif.canary import FutureKnown
from models.whatif.evidence import Explanation, FeaturesInMotion, explain_wallet, searching
from models.whatif.faithfulness import measure_faithfulness
from models.whatif.moves import read_wallet_moves
from sql.files import Statement, load_folder
from sql.store import Store
from tests.fixtures.wallet_world import CHAIN, a_wallet, labelled_store

CROOK, HONEST, VICTIM = a_wallet(2, 35), a_wallet(1, 35), a_wallet(3, 3)
CHANGED = a_wallet(2, 39)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, TrainSummary]]:
    """A store with features and a model learnt from few labels."""
    with labelled_store(tmp_path_factory.mktemp("evidence")) as store:
        yield store, train_wallets(store, chain_id=CHAIN)


@pytest.fixture(scope="module")
def crook(trained) -> Explanation:
    """Explained with all that is looked at."""
    return _explained(trained[0], CROOK)


def _explained(store: Store, address: bytes, **limits: int) -> Explanation:
    return explain_wallet(store, WalletScorer.active(store, chain_id=CHAIN), address, **limits)


def _log_odds_without(store: Store, found: Explanation, hashes: list[bytes]) -> float:
    """Scored anew, apart from the search that found them."""
    scorer = WalletScorer.active(store, chain_id=CHAIN)
    until = found.answer.as_of_block
    moves = read_wallet_moves(store, found.answer.address, chain_id=CHAIN, to_block=until)
    gone = np.array([one in hashes for one in moves.native.column("transaction_hash").to_pylist()])
    kept = moves.keep(~gone, np.zeros(0, np.bool_))
    with searching(store, scorer, kept, to_block=until, most_variants=1) as search:
        return search.start


def test_evidence_adds_up_and_without_the_smallest_set_the_wallet_is_not_elevated(trained, crook: Explanation) -> None:
    store, summary = trained
    found = crook
    assert found.log_odds_read == pytest.approx(found.answer.verdicts.log_odds[0], abs=1e-9)
    assert found.log_odds_read >= found.threshold_log_odds
    assert (found.moves_read, found.moves_left_out) == (8, 0)

    hashes = [one.transaction_hash for one in found.evidence]
    assert 0 < len(set(hashes)) == len(hashes) <= 8
    assert sum(one.share for one in found.evidence) == pytest.approx(1)
    total = sum(one.log_odds for one in found.evidence)
    assert found.log_odds_without_evidence == pytest.approx(found.log_odds_read - total)
    assert found.log_odds_without_evidence == pytest.approx(_log_odds_without(store, found, hashes), abs=1e-9)
    assert {CROOK} == {end for one in found.evidence for p in one.payments for end in (p.giver, p.receiver)} & {CROOK}
    assert {payment.amount for one in found.evidence for payment in one.payments} <= {10**18, 10**18 - 21_000 * 10**9}

    smallest = found.smallest
    assert smallest is not None
    assert smallest.transfers == len(smallest.transactions)
    assert smallest.log_odds < found.threshold_log_odds
    assert smallest.log_odds == pytest.approx(_log_odds_without(store, found, list(smallest.transactions)), abs=1e-9)
    for spared in smallest.transactions:
        rest = [one for one in smallest.transactions if one != spared]
        assert _log_odds_without(store, found, rest) >= found.threshold_log_odds
    assert summary.metrics["future_canary"]["wallets"] == 20
    assert summary.metrics["future_canary"]["changed_features"] == ()
    model = registry.active_model(store, kind="wallets", chain_id=CHAIN)
    assert "changed no feature, word or score by a bit" in (model.folder / registry.CARD).read_text()


def test_a_wallet_that_is_not_elevated_and_one_that_is_hardly_known_have_nothing_to_take_away(trained) -> None:
    store, _ = trained
    calm, silent = (_explained(store, who, most_variants=60) for who in (HONEST, VICTIM))
    assert calm.has_score
    assert calm.smallest is None
    assert not silent.has_score
    assert (silent.evidence, silent.smallest, silent.variants) == ((), None, 0)
    latest = _explained(store, CROOK, most_moves=5, most_variants=1)
    assert (latest.moves_read, latest.moves_left_out) == (5, 3)


def test_of_a_part_of_a_history_nothing_is_said_of_the_whole(trained) -> None:
    store, _ = trained
    latest = _explained(store, CROOK, most_moves=2, most_variants=1)
    assert (latest.is_elevated, latest.smallest, latest.moves_left_out) == (True, None, 6)
    assert latest.log_odds_read < latest.threshold_log_odds
    assert sentence(latest).startswith("The wallet is elevated, but its latest 2 moves alone are under the threshold")

    # With a lower threshold the latest moves of an honest wallet are over it, and the wallet is not.
    scorer = WalletScorer.active(store, chain_id=CHAIN)
    scorer.model = replace(scorer.model, certainty=replace(scorer.model.certainty, threshold=0.75))
    calm = explain_wallet(store, scorer, HONEST, most_moves=5, most_variants=60)
    assert calm.log_odds_read > calm.threshold_log_odds
    assert (calm.is_elevated, calm.smallest) == (False, None)
    assert sentence(calm).startswith("The wallet is not elevated")

    partly = _explained(store, CROOK, most_moves=7, most_variants=40)
    document = to_document(partly)
    assert document["looked_at_all_moves"] is False
    assert " the log-odds of the moves looked at are " in document["smallest_set_is"]
    assert document["smallest_set_is"].endswith("What the 1 older moves say was not looked at.")
    assert " the log-odds of the moves looked at are " in document["evidence_is"]
    nothing = replace(partly, evidence=(), moves_left_out=0)
    assert evidence_sentence(nothing).startswith("No 30 or fewer transactions were found")


def test_a_wallet_whose_features_are_being_rebuilt_is_not_explained(trained) -> None:
    """Amid a build one table knows of later blocks; here one wallet has another's behaviour."""
    store, _ = trained
    store.command(
        "INSERT INTO address_features SELECT * REPLACE (toFixedString(unhex({changed:String}), 20) AS address, "
        "version + 1 AS version) FROM (SELECT * FROM address_features WHERE address = unhex({other:String}))",
        changed=CHANGED.hex(), other=HONEST.hex(),
    )  # fmt: skip
    with pytest.raises(FeaturesInMotion, match=r"are being rebuilt\. Ask again") as raised:
        _explained(store, CHANGED)
    assert "features build" in raised.value.next_step

    # Its latest moves alone look like a crook's: no set is named for a wallet that is not elevated.
    partly = _explained(store, CHANGED, most_moves=7, most_variants=100)
    assert partly.log_odds_read > partly.threshold_log_odds
    assert (partly.is_elevated, partly.smallest) == (False, None)


def test_evidence_lowers_scores_more_than_chance_does(trained, crook: Explanation) -> None:
    store, _ = trained
    scorer = WalletScorer.active(store, chain_id=CHAIN)
    explained = [crook, _explained(store, VICTIM)]
    told = measure_faithfulness(store, scorer, explained[:1] * 2, draws=5)
    assert told.wallets == 2
    # Of the very evidence that was shown as many are taken as others are left to draw from.
    assert told.taken == min(len(crook.evidence), crook.moves_read // 2)
    assert told.shortened == (2 if len(crook.evidence) > 4 else 0)
    taken = [one.transaction_hash for one in crook.evidence[:4]]
    assert told.drop_evidence == pytest.approx(crook.log_odds_read - _log_odds_without(store, crook, taken), abs=1e-9)
    assert told.drop_evidence > told.drop_random
    assert 0 < told.low <= told.gain <= told.high
    assert told.beaten > 0.5
    assert told.gain_over_largest == pytest.approx(told.drop_evidence - told.drop_largest)
    assert (told.draws_dropped, told.largest_dropped) == (0, 0)

    # Draws that leave too little for a score are counted, not passed over.
    scorer.model = replace(scorer.model, certainty=replace(scorer.model.certainty, evidence_floor=6))
    scarce = measure_faithfulness(store, scorer, explained[:1], draws=5)
    assert (scarce.draws_dropped, scarce.largest_dropped) == (1, 1)
    nobody = measure_faithfulness(store, scorer, explained[1:])
    assert nobody.wallets == 0
    assert np.isnan(nobody.gain)


def test_a_model_that_knows_the_future_is_not_registered(trained, monkeypatch: pytest.MonkeyPatch) -> None:
    store, summary = trained
    watched = summary.metrics["future_canary"]
    assert f"a future that never was changed nothing of {watched['wallets']} wallets" in str(summary)
    scorer = WalletScorer.active(store, chain_id=CHAIN)

    def leaking(name: str) -> list[Statement]:
        bound = "block_number <= {to_block:UInt64}"
        return [replace(one, text=one.text.replace(bound, f"{bound} + 9")) for one in load_folder(name)]

    monkeypatch.setattr(build, "load_folder", leaking)
    with pytest.raises(FutureKnown, match="No model was registered"):
        train._canary(store, scorer.model, chain_id=CHAIN, seed=0)


def test_the_command_says_it_in_tables_and_as_one_document_and_explains_what_it_cannot(trained, tmp_path) -> None:
    store, _ = trained
    path = Path(store.dsn.removeprefix("chdb://"))
    store.close()
    register(["explain"])

    def asked(address: str, *more: str):
        return CliRunner().invoke(app, ["explain", address, "--store", f"chdb://{path}", *more])

    picture = tmp_path / "why.svg"
    answered = asked("0x" + CROOK.hex(), "--json", "--budget", "60", "--plot", str(picture))
    told = json.loads(next(line for line in answered.output.splitlines() if line.startswith("{")))
    assert told["address"] == "0x" + CROOK.hex()
    assert told["evidence"][0]["payments"][0]["amount"].isdigit()
    assert told["smallest_set_is"].startswith("Without th")
    drawn = picture.read_text(encoding="utf-8")
    assert all(f">{theme}<" in drawn for theme in told["themes"])
    assert all(reason["sentence"][:40].split(";")[0] in drawn for reason in told["reasons"])
    assert drawn.count("1 ETH from 0x0300…") >= 1
    assert "of that set" in drawn
    silent = asked("0x" + VICTIM.hex(), "--json", "--plot", str(tmp_path / "nothing.png"))
    assert "There is too little evidence for a score, and so nothing" in silent.output
    assert "Nothing was drawn" in silent.output
    assert [path.name for path in tmp_path.iterdir()] == ["why.svg"]
    assert "does not say" in str(asked("0x" + CROOK.hex(), "--plot", "why.gif").exception)
    unknown = asked("0x" + "99" * 20)
    assert "no features of 0x9999" in str(unknown.exception)
    assert unknown.exit_code == 1
    assert asked("crook").exit_code != 0
