"""The encoder over a wallet's own transactions: what it may see, what it learns, what it keeps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from chainsight.errors import DataCheckError
from chainsight.progress import Silent
from models.sequences.encoder import (
    EncoderShape,
    SequenceEncoder,
    embed,
    load_encoder,
    pad,
    save_encoder,
    tokenize,
)
from models.sequences.finetuning import Finetuning, finetune, judge_all
from models.sequences.history import Histories, join
from models.sequences.pretraining import Pretraining, cache_key, make_deterministic, pretrain
from tests.fixtures.histories import PASSER, SINGLE, made_up

SMALL = EncoderShape(width=16, heads=2, layers=1, head_moves=6, tail_moves=4)
QUICK = Pretraining(epochs=3, rate=5e-3, threads=1)


def encoder(shape: EncoderShape = SMALL) -> SequenceEncoder:
    make_deterministic(1, 1)
    return SequenceEncoder(shape)


def regular(count: int) -> Histories:
    """Wallets that send on half of what they get a minute later: something to foretell."""
    draw = np.random.default_rng(5)
    firsts = draw.lognormal(0, 1, count)
    amounts = np.stack([firsts, firsts / 2, firsts / 2], axis=1).ravel()
    gaps = np.tile([0.0, 60.0, 60.0], count)
    return Histories(amounts, np.tile(np.array([0, 1, 1], np.int8), count), gaps, np.arange(0, 3 * count + 1, 3))


def test_a_history_is_encoded_the_same_alone_and_beside_longer_ones() -> None:
    crowd = made_up(20, 30, 1)
    model = encoder()
    among = embed(model, tokenize(join([crowd, PASSER, SINGLE]), SMALL))
    assert among.shape == (22, model.summary_width)
    assert np.isfinite(among).all()
    np.testing.assert_allclose(among[20], embed(model, tokenize(PASSER, SMALL))[0], atol=1e-5)
    np.testing.assert_allclose(among[21], embed(model, tokenize(SINGLE, SMALL))[0], atol=1e-5)


def test_under_the_causal_mask_nothing_later_is_seen() -> None:
    model = encoder().eval()
    other = Histories(PASSER.amounts.copy(), PASSER.directions.copy(), PASSER.gaps.copy(), PASSER.offsets)
    other.amounts[3], other.directions[4] = 77.0, 0
    with torch.no_grad():
        batches = [pad(tokenize(h, SMALL), np.array([0])) for h in (PASSER, other)]
        causal = [model(batch, causal=True)[0] for batch in batches]
        full = [model(batch)[0] for batch in batches]
    torch.testing.assert_close(causal[0][:3], causal[1][:3])
    assert not torch.allclose(full[0][:3], full[1][:3])


def test_of_a_long_history_the_beginning_and_the_end_are_read() -> None:
    long = made_up(1, 1, 3)
    long = join([long] * 50)
    one = Histories(np.arange(1.0, 51.0), long.directions, np.arange(50.0), np.array([0, 50]))
    tokens = tokenize(one, SMALL)
    assert len(tokens.ways) == 10
    np.testing.assert_allclose(
        tokens.numbers[:, 0], np.log10(1 + 1e6 * np.array([1, 2, 3, 4, 5, 6, 47, 48, 49, 50])) / 4 - 1
    )


def test_columns_about_the_counterparty_may_be_added_and_no_others() -> None:
    shape = EncoderShape(width=16, heads=2, layers=1, extra=2)
    assert embed(encoder(shape), tokenize(PASSER, shape, np.ones((5, 2)))).shape == (1, 48)
    with pytest.raises(DataCheckError, match="reads 2 further numbers"):
        tokenize(PASSER, shape)


class Interrupted(Silent):
    """Stops after the second epoch, as a person would with Ctrl-C."""

    def step(self, done: int, total: int | None, what: str) -> None:
        if done == 2:
            raise KeyboardInterrupt


def test_pretraining_learns_and_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    histories = regular(60)
    pretrain(histories, tmp_path / "whole", shape=SMALL, how=QUICK)
    _, about = load_encoder(tmp_path / "whole")
    told = about["held_loss"]
    assert isinstance(told, list)
    assert len(told) == 3
    assert told[-1] < told[0]
    with pytest.raises(KeyboardInterrupt):
        pretrain(histories, tmp_path / "parts", shape=SMALL, how=QUICK, progress=Interrupted())
    pretrain(histories, tmp_path / "parts", shape=SMALL, how=QUICK)
    one, other = (load_file(tmp_path / name / "encoder.safetensors") for name in ("whole", "parts"))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == ["encoder.json", "encoder.safetensors"]


def test_other_data_or_settings_have_another_place_in_the_cache() -> None:
    keys = {
        cache_key(source, shape, how, seed)
        for source in (b"one", b"two")
        for shape in (SMALL, EncoderShape())
        for how in (QUICK, Pretraining())
        for seed in (0, 1)
    }
    assert len(keys) == 16


def test_weights_that_are_not_whole_are_refused(tmp_path: Path) -> None:
    save_encoder(encoder(), tmp_path, {})
    loaded, _ = load_encoder(tmp_path)
    np.testing.assert_array_equal(embed(loaded, tokenize(PASSER, SMALL)), embed(encoder(), tokenize(PASSER, SMALL)))
    path = tmp_path / "encoder.safetensors"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataCheckError, match="cannot be read"):
        load_encoder(tmp_path)


def test_a_tuned_encoder_tells_two_behaviours_apart_under_each_head_and_leaves_the_pretrained_one() -> None:
    histories = made_up(160, 6, 4)
    labels = np.array([histories.directions[start] for start in histories.offsets[:-1]], dtype=np.int64)
    kinds = np.arange(160) % 2
    model, tokens = encoder(), tokenize(histories, SMALL)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    rows = np.arange(120)
    how = Finetuning(epochs=12, patience=12, rate=1e-2)
    judge = finetune(model, tokens, labels, kinds, rows, how=how, seed=0)
    again = finetune(model, tokens, labels, kinds, rows, how=how, seed=0)
    read, odds = judge_all(judge, tokens, kinds, np.arange(120, 160))
    assert read.shape == (40, 16)
    assert np.mean((odds > 0) == labels[120:]) > 0.85
    np.testing.assert_array_equal(odds, judge_all(again, tokens, kinds, np.arange(120, 160))[1])
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
