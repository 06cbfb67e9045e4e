"""EIP-7702: who signed is recovered, and whether a tuple took effect is said where it can be known, and only there."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import rlp
import zstandard
from coincurve import PrivateKey
from eth_utils.crypto import keccak

from ingest.authorizations import recover_authorities
from sql.store import Store
from tests.fixtures.handmade import CHAIN, Json, block, decode, receipt, stage, transaction

ALICE, BOB, RELAYER = (PrivateKey(bytes([byte]) * 32) for byte in (1, 2, 3))
CODE = "0x" + "c0" * 20
HALF = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def address(key: PrivateKey) -> str:
    return "0x" + keccak(key.public_key.format(compressed=False)[1:])[12:].hex()


def signed(key: PrivateKey, nonce: int, *, chain_id: int = CHAIN, code: str = CODE, **changed: str) -> Json:
    digest = keccak(b"\x05" + rlp.encode([chain_id, bytes.fromhex(code[2:]), nonce]))
    signature = key.sign_recoverable(digest, hasher=None)
    r, s, parity = signature[:32], signature[32:64], signature[64]
    made = {"chainId": hex(chain_id), "address": code, "nonce": hex(nonce), "yParity": hex(parity)}
    return {**made, "r": "0x" + r.hex(), "s": "0x" + s.hex(), **changed}


def carry(store: Store, *sent: tuple[PrivateKey, int, list[Json]], number: int = 9, first: int | None = None) -> None:
    """A block of transactions (who signs it, its nonce, the tuples in it), decoded, its tuples recovered, committed."""
    made = []
    for index, (key, nonce, tuples) in enumerate(sent):
        kind = {"type": "0x4", "authorizationList": tuples} if tuples else {}
        made.append(transaction(number, index, **{"from": address(key), "nonce": hex(nonce), **kind}))
    stage(store, [block(*made, number=number)], [{"number": hex(number), "receipts": [receipt(tx) for tx in made]}])
    decode(store)
    recover_authorities(store, chain_id=CHAIN, from_block=number, to_block=number, version=1)
    store.command(
        "INSERT INTO ingest_audit (chain_id, from_block, to_block, to_block_hash, to_block_timestamp, source, finality, version) "
        "SELECT 1, {number:UInt64}, {number:UInt64}, '', toDateTime(0), 'archive', 'latest', 1",
        number=number,
    )


def said(store: Store) -> list[tuple[str, str]]:
    """(authority, status) of every tuple."""
    return [(row["authority"], row["status"]) for row in found(store)]


def found(store: Store) -> list[dict[str, Any]]:
    return store.query(
        "SELECT concat('0x', lower(hex(authority))) AS authority, CAST(status AS String) AS status, reason, nonce, "
        "concat('0x', lower(hex(delegate_address))) AS code FROM authorizations "
        "ORDER BY block_number, transaction_index, authorization_index"
    ).to_pylist()


def test_an_account_that_pays_for_itself_signs_the_nonce_after_its_transaction(store: Store) -> None:
    carry(
        store, (ALICE, 7, [signed(ALICE, 8), signed(ALICE, 9), signed(ALICE, 9), signed(ALICE, 7), signed(ALICE, 12)])
    )
    assert said(store) == [
        (address(ALICE), status)
        for status in ("applied", "applied", "nonce_mismatch", "nonce_mismatch", "nonce_mismatch")
    ]
    assert found(store)[0] == {"authority": address(ALICE), "status": "applied", "reason": "", "nonce": 8, "code": CODE}


def test_of_an_account_that_did_nothing_the_nonce_is_unknown(store: Store) -> None:
    carry(store, (RELAYER, 0, [signed(ALICE, 3), signed(BOB, 0)]))
    assert said(store) == [(address(ALICE), "unverified"), (address(BOB), "unverified")]
    assert "says its nonce" in found(store)[0]["reason"]


def test_the_same_tuple_twice_cannot_apply_twice(store: Store) -> None:
    carry(store, (RELAYER, 0, [signed(ALICE, 3)]), (RELAYER, 1, [signed(ALICE, 3)]))
    assert [status for _, status in said(store)] == ["unverified", "nonce_mismatch"]


def test_what_an_account_signed_earlier_in_the_block_says_its_nonce(store: Store) -> None:
    carry(store, (ALICE, 4, []), (RELAYER, 0, [signed(ALICE, 5), signed(ALICE, 5)]), (ALICE, 6, [signed(ALICE, 7)]))
    assert [status for _, status in said(store)] == ["applied", "nonce_mismatch", "applied"]


def test_what_it_signed_in_an_earlier_block_counts_only_without_a_gap(store: Store) -> None:
    carry(store, (ALICE, 4, []), number=9)
    carry(store, (RELAYER, 0, [signed(ALICE, 5)]), number=10)
    carry(store, (RELAYER, 1, [signed(ALICE, 6)]), number=11)
    carry(store, (RELAYER, 2, [signed(ALICE, 7)]), number=13)
    assert [status for _, status in said(store)] == ["applied", "applied", "unverified"]


def test_tuples_stored_before_the_blocks_below_them_spend_their_nonces_all_the_same(store: Store) -> None:
    carry(store, (RELAYER, 1, [signed(ALICE, 5)]), number=10)
    carry(store, (ALICE, 4, []), number=9)
    carry(store, (RELAYER, 2, [signed(ALICE, 5), signed(ALICE, 6), signed(ALICE, 8)]), number=11)
    assert [status for _, status in said(store)] == [
        "unverified", "nonce_mismatch", "applied", "nonce_mismatch",
    ]  # fmt: skip


def test_a_tuple_that_nobody_could_judge_leaves_the_next_ones_open(store: Store) -> None:
    carry(store, (RELAYER, 1, [signed(ALICE, 10)]), number=10)
    carry(store, (RELAYER, 0, [signed(ALICE, 9)]), number=9)
    carry(store, (RELAYER, 2, [signed(ALICE, 11)]), number=11)
    assert [status for _, status in said(store)] == ["unverified"] * 3


@pytest.mark.parametrize(
    ("authorization", "status", "reason"),
    [
        (signed(ALICE, 1, chain_id=10), "wrong_chain", "signed for chain 10"),
        (signed(ALICE, 1, yParity="0x6d"), "invalid_signature", "yParity is 109"),
        (signed(ALICE, 1, yParity="0x1b"), "invalid_signature", "yParity is 27"),
        (signed(ALICE, 1, r="0x0"), "invalid_signature", "fits no key"),
        (signed(ALICE, 1, r="0x" + "f" * 64), "invalid_signature", "fits no key"),
        (signed(ALICE, 1, s=hex(HALF - 1)), "invalid_signature", "upper half"),
        (signed(ALICE, 2**64 - 1), "nonce_mismatch", "largest"),
    ],
    ids=["chain", "parity of Base", "parity as v", "no r", "r beyond the curve", "high s", "largest nonce"],
)
def test_a_tuple_that_no_node_applies_is_kept_with_the_reason(
    store: Store, authorization: Json, status: str, reason: str
) -> None:
    carry(store, (ALICE, 0, [authorization]))
    (row,) = found(store)
    assert row["status"] == status
    assert reason in row["reason"]


def test_a_tuple_for_any_chain_is_good_for_this_one(store: Store) -> None:
    carry(store, (ALICE, 0, [signed(ALICE, 1, chain_id=0, code="0x" + "0" * 40)]))
    assert said(store) == [(address(ALICE), "applied")]


def test_a_repeat_writes_the_same_rows_and_no_tuples_cost_nothing(store: Store) -> None:
    carry(store, (ALICE, 4, []), number=8)
    carry(store, (RELAYER, 0, [signed(ALICE, 5)]), number=9)
    before = found(store)
    assert recover_authorities(store, chain_id=CHAIN, from_block=9, to_block=9, version=2) == 1
    assert found(store) == before
    assert recover_authorities(store, chain_id=CHAIN, from_block=8, to_block=8, version=2) == 0


@pytest.mark.real_data
def test_every_authorization_in_eleven_real_blocks_is_signed_by_somebody(store: Store, data_dir: Any) -> None:
    (file,) = (data_dir / "chain" / "mainnet_22431080_22431090").glob("blocks.jsonl.zst")
    lines = zstandard.ZstdDecompressor().stream_reader(file.read_bytes()).read().splitlines()
    stage(store, [orjson.loads(line) for line in lines])
    decode(store, last=23_000_000)
    written = recover_authorities(store, chain_id=CHAIN, from_block=22_431_080, to_block=22_431_090, version=1)
    assert written == len(found(store)) > 0
    assert all(row["status"] != "invalid_signature" for row in found(store))
