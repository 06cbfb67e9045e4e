"""What an explanation says of a wallet in a small world with a model that was really trained."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from chainsight.cli import app
from chainsight.cli.commands import register
from models import registry, train
from models.serving import WalletScorer
from models.train import TrainSummary, train_wallets
from models.whatif.evidence import Explanation, explain_wallet, searching
from models.whatif.faithfulness import measure_faithfulness
from models.whatif.moves import read_wallet_moves
from sql.store import Store
from tests.fixtures.stores import new_store
from tests.fixtures.wallet_world import CHAIN, a_wallet, label_wallets, write_wallets

CROOK, HONEST, VICTIM = a_wallet(2, 35), a_wallet(1, 35), a_wallet(3, 3)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, TrainSummary]]:
    """A store with features and a model learnt from few labels."""
    folder = tmp_path_factory.mktemp("evidence")
    home = registry.settings().model_copy(update={"home": folder / "home"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "settings", lambda: home)
        patch.setattr(train, "settings", lambda: home)
        store = new_store(folder / "store")
        write_wallets(store)
        label_wallets(
            store, {a_wallet(1, n): "licit" for n in range(31)} | {a_wallet(2, n): "phishing" for n in range(30)}
        )
        yield store, train_wallets(store, chain_id=CHAIN)
        store.close()


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


def test_evidence_adds_up_and_without_the_smallest_set_the_wallet_is_not_elevated(trained) -> None:
    store, summary = trained
    found = _explained(store, CROOK)
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
    calm, silent = (_explained(store, who) for who in (HONEST, VICTIM))
    assert calm.has_score
    assert calm.smallest is None
    assert not silent.has_score
    assert (silent.evidence, silent.smallest, silent.variants) == ((), None, 0)
    latest = _explained(store, CROOK, most_moves=5, most_variants=1)
    assert (latest.moves_read, latest.moves_left_out) == (5, 3)


def test_evidence_lowers_scores_more_than_chance_does(trained) -> None:
    store, _ = trained
    scorer = WalletScorer.active(store, chain_id=CHAIN)
    crooks = [a_wallet(2, number) for number in (33, 34)]
    told = measure_faithfulness(store, scorer, [*crooks, VICTIM], to_block=10_000, draws=5)
    assert told.wallets == 2
    assert told.drop_evidence > told.drop_random
    assert 0 < told.low <= told.gain <= told.high
    assert told.beaten > 0.5
    assert measure_faithfulness(store, scorer, [VICTIM], to_block=10_000).wallets == 0


def test_the_command_says_it_in_tables_and_as_one_document_and_explains_what_it_cannot(trained) -> None:
    store, _ = trained
    path = Path(store.dsn.removeprefix("chdb://"))
    store.close()
    register(["explain"])

    def asked(address: str, *more: str):
        return CliRunner().invoke(app, ["explain", address, "--store", f"chdb://{path}", *more])

    told = json.loads(asked("0x" + CROOK.hex(), "--json").output.splitlines()[-1])
    assert told["address"] == "0x" + CROOK.hex()
    assert told["evidence"][0]["payments"][0]["amount"].isdigit()
    assert told["smallest_set_is"].startswith("Without th")
    assert "too little evidence" in json.loads(asked("0x" + VICTIM.hex(), "--json").output)["smallest_set_is"]
    unknown = asked("0x" + "99" * 20)
    assert "no features of 0x9999" in str(unknown.exception)
    assert unknown.exit_code == 1
    assert asked("crook").exit_code != 0
