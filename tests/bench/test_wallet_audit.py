"""What stands beside the figures of the wallets benchmark: campaigns, lists, and families of features."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa

from bench.foreign import listed
from bench.wallet_audit import GROUPINGS, audit, families_of, groups_of, transfer
from models.features.matrix import FeatureMatrix
from models.wallets.words import Words
from tests.fixtures.stores import new_store

FUNDER, SHOP, OTHER = (bytes([n]) * 20 for n in (1, 2, 3))
ONE, TWO, THREE, ALONE = (bytes([n]) * 20 for n in (0x11, 0x12, 0x13, 0x14))
# Whose, in which block, which way, and who was on the other side.
MOVES = [
    (ONE, 9, "in", OTHER), (ONE, 5, "in", FUNDER), (ONE, 10, "out", SHOP), (ONE, 11, "out", SHOP), (ONE, 12, "out", OTHER),
    (TWO, 7, "in", FUNDER), (TWO, 8, "out", OTHER), (THREE, 8, "out", SHOP), (THREE, 900, "in", FUNDER),
]  # fmt: skip
LABELS = """address,label,category,source,chain
0x{one},a thief,phishing,accounts:someone,ethereum
0x{two},a thief,phishing,alist,ethereum
0x{three},a shop,exchange,alist,ethereum
"""


def test_accounts_of_one_campaign_share_a_number_and_lists_judge_only_whom_nobody_judged(tmp_path: Path) -> None:
    store = new_store(f"{tmp_path}/store")
    count = len(MOVES)
    addresses, blocks, directions, others = zip(*MOVES, strict=True)
    store.insert(
        "address_transfers",
        pa.table(
            {
                "chain_id": pa.array([1] * count, pa.uint64()),
                "address": pa.array(addresses, pa.binary(20)),
                "block_number": pa.array(blocks, pa.uint64()),
                "kind": pa.array(["native"] * count),
                "position": pa.array(range(count), pa.uint32()),
                "direction": pa.array(directions),
                "counterparty_address": pa.array(others, pa.binary(20)),
                "version": pa.array([1] * count, pa.uint64()),
            }
        ),
    )
    groups = groups_of(store, (ONE, TWO, THREE, ALONE), 100)
    funder, receiver = (groups[name].tolist() for name in GROUPINGS)
    assert funder[0] == funder[1]
    assert len(set(funder)) == 3
    assert receiver[0] == receiver[2]
    assert len(set(receiver)) == 3

    (tmp_path / "labels").mkdir()
    text = LABELS.format(one=ONE.hex(), two=TWO.hex(), three=THREE.hex())
    (tmp_path / "labels/evm_labels.csv.gz").write_bytes(text.encode())
    matrix = FeatureMatrix(
        np.array([a.hex().encode() for a in (ONE, TWO, THREE)]), ("move_count", "x"),
        np.array([[5, 0.0], [2, 1.0], [2, 2.0]], np.float32), 100,
    )  # fmt: skip
    found = listed(store, matrix, tmp_path / "labels")
    assert found is not None
    assert dict(zip(found.rows[:, 1].tolist(), found.labels.tolist(), strict=True)) == {1.0: 1, 2.0: 0}
    assert listed(store, matrix, tmp_path / "nowhere") is None

    draw = np.random.default_rng(0)
    labels = draw.integers(0, 2, 200)
    told = transfer((labels[:, None] + 0.1 * draw.normal(size=(200, 2))).astype(np.float32), labels, {"lists": found})
    assert (told["lists"]["addresses"], told["lists"]["illicit"]) == (2, 1)
    store.close()


def test_families_are_the_tables_of_the_features() -> None:
    assert families_of(("in_count", "move_count", "in_amount_mean")) == {"own": [0, 1], "amount": [2]}


@dataclass(frozen=True)
class Labelled:
    """Accounts in campaigns of ten, each with a token of its own that gives it away."""

    addresses: tuple[bytes, ...] = tuple(sha256(bytes([n % 256, n // 256])).digest()[:20] for n in range(600))
    names: tuple[str, ...] = ("in_counterparties", "out_counterparties")
    own: int = 1

    @property
    def campaigns(self) -> np.ndarray:
        return np.arange(600) // 10

    @property
    def labels(self) -> np.ndarray:
        return (self.campaigns % 2).astype(np.int64)

    @property
    def first_seen(self) -> np.ndarray:
        return np.random.default_rng(1).integers(1_500_000_000, 1_600_000_000, 600)


def test_words_of_a_campaign_tell_nothing_once_campaigns_are_parted() -> None:
    accounts = Labelled()
    words = Words(
        600, np.arange(600), np.zeros(600, np.int64), np.array([f">{n:02}" for n in accounts.campaigns], object)
    )
    rows = np.random.default_rng(0).normal(size=(600, 2)).astype(np.float32)
    found = audit(accounts, rows, words, {"first_funder": accounts.campaigns})
    assert found["grouped"]["by hash"]["own_average_precision"] > 0.9
    assert found["grouped"]["first_funder"]["own_average_precision"] < 0.7
    assert abs(found["era_correlation"]["token words"]["illicit"]) < 0.3
