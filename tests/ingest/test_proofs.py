"""Blocks are made here with real keys; roots come from the `trie` library, so that nothing proves itself."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import rlp
from eth_account import Account
from eth_utils import keccak
from hypothesis import given, settings
from hypothesis import strategies as st
from trie import HexaryTrie

from bench.encoding import created_address, encode_header, encode_receipt, encode_transaction, encode_withdrawal
from chainsight.errors import FieldMalformed, ProofFailed, WrongChain
from ingest.keccak import keccak_each, ordered_roots
from ingest.log_filters import bloom_of
from ingest.rlp import encode, join, wrap
from ingest.texts import Texts
from tests.fixtures.prover import Prove, prover

KEY = Account.from_key("0x" + "11" * 32)
OTHER = "0x" + "22" * 20
WORD = "0x" + "ab" * 32


@pytest.fixture(scope="module")
def prove(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prove]:
    with prover(tmp_path_factory.mktemp("proofs")) as started:
        yield started


def packed(values: list[bytes]) -> tuple[Any, Any]:
    """Strings end to end and where each starts, as the compiled functions want them."""
    offsets = np.zeros(len(values) + 1, np.int64)
    offsets[1:] = np.cumsum([len(value) for value in values])
    return np.frombuffer(b"".join(values) or b"\0", np.uint8), offsets


def oracle_root(values: list[bytes]) -> bytes:
    trie = HexaryTrie({})
    for index, value in enumerate(values):
        trie[rlp.encode(index)] = value
    return trie.root_hash


def signed_transactions() -> list[dict[str, Any]]:
    call = {"to": OTHER, "value": 5, "gas": 90_000, "data": "0x01020304"}
    fees = {"maxFeePerGas": 60, "maxPriorityFeePerGas": 2}
    access = [{"address": OTHER, "storageKeys": [WORD]}]
    delegation = KEY.sign_authorization({"chainId": 1, "address": OTHER, "nonce": 9})
    wanted = [
        {**call, "gasPrice": 50, "chainId": 1},
        {**call, "gasPrice": 51},  # signed before EIP-155: no chain id
        {**call, "gasPrice": 52, "chainId": 1, "accessList": access, "type": 1},
        {**call, **fees, "chainId": 1, "type": 2},
        {"value": 0, "gas": 90_000, "data": "0x6000", **fees, "chainId": 1, "type": 2},  # creates a contract
        {**call, **fees, "chainId": 1, "type": 4, "authorizationList": [delegation]},
    ]
    return [as_json_rpc(index, {**fields, "nonce": index}) for index, fields in enumerate(wanted)]


def as_json_rpc(index: int, fields: dict[str, Any]) -> dict[str, Any]:
    signed = KEY.sign_transaction(fields)
    kind = fields.get("type", 0)
    shown = {
        "type": hex(kind), "transactionIndex": hex(index), "hash": "0x" + signed.hash.hex(), "from": KEY.address.lower(),
        "to": fields.get("to"), "value": hex(fields["value"]), "gas": hex(fields["gas"]), "input": fields["data"],
        "nonce": hex(index), "v": hex(signed.v), "r": hex(signed.r), "s": hex(signed.s),
        "gasPrice": hex(fields.get("gasPrice", 42)),
    }  # fmt: skip
    if kind:
        shown |= {"chainId": "0x1", "accessList": fields.get("accessList", []), "yParity": hex(signed.v)}
    if kind > 1:
        shown |= {"maxFeePerGas": "0x3c", "maxPriorityFeePerGas": "0x2"}
    if kind == 4:
        one = fields["authorizationList"][0]
        shown["authorizationList"] = [
            {
                "chainId": "0x1",
                "address": OTHER,
                "nonce": "0x9",
                "yParity": hex(one.y_parity),
                "r": hex(one.r),
                "s": hex(one.s),
            }
        ]
    return shown


def receipts_of(transactions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    receipts = []
    for index, transaction in enumerate(transactions):
        made = created_address(transaction["from"], transaction["nonce"]) if transaction["to"] is None else None
        log = {
            "address": OTHER, "topics": [WORD, WORD], "data": "0x" + "00" * 31 + "07", "logIndex": hex(index),
            "transactionIndex": hex(index), "transactionHash": transaction["hash"], "removed": False,
        }  # fmt: skip
        receipts.append({
            "type": transaction["type"], "status": "0x1" if index else "0x0", "logs": [log], "logsBloom": "0x" + "00" * 256,
            "transactionIndex": hex(index), "transactionHash": transaction["hash"], "from": transaction["from"],
            "to": transaction["to"], "contractAddress": made, "gasUsed": hex(21_000),
            "cumulativeGasUsed": hex(21_000 * (index + 1)), "effectiveGasPrice": transaction["gasPrice"],
        })  # fmt: skip
    return receipts


def make_block() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    transactions = signed_transactions()
    receipts = receipts_of(transactions)
    withdrawals = [{"index": "0x1", "validatorIndex": "0x2", "address": OTHER, "amount": "0x3"}]
    block: dict[str, Any] = {
        "number": "0x10", "parentHash": WORD, "sha3Uncles": WORD, "miner": OTHER, "stateRoot": WORD,
        "transactionsRoot": "0x" + oracle_root([encode_transaction(t) or b"" for t in transactions]).hex(),
        "receiptsRoot": "0x" + oracle_root([encode_receipt(r) for r in receipts]).hex(),
        "withdrawalsRoot": "0x" + oracle_root([encode_withdrawal(w) for w in withdrawals]).hex(),
        "logsBloom": f"0x{bloom_of([OTHER, WORD]):0512x}", "difficulty": "0x0", "gasLimit": "0xffffff",
        "gasUsed": hex(21_000 * 6),
        "timestamp": "0x64b03683", "extraData": "0xc0ffee", "mixHash": WORD, "nonce": "0x" + "00" * 8,
        "baseFeePerGas": hex(40), "blobGasUsed": "0x0", "excessBlobGas": "0x20000", "parentBeaconBlockRoot": WORD,
        "requestsHash": WORD, "transactions": transactions, "withdrawals": withdrawals,
    }  # fmt: skip
    block["hash"] = "0x" + keccak(encode_header(block)).hex()
    for item in (*transactions, *receipts, *(log for receipt in receipts for log in receipt["logs"])):
        item |= {"blockHash": block["hash"], "blockNumber": block["number"]}
    return block, receipts


BLOCK, RECEIPTS = make_block()


UNCOVERED = {
    "removed",
    "v",
}  # no hash covers `removed`; `v` repeats yParity, and in legacy form is tested by name below


def hex_leaves(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key not in UNCOVERED:
                yield from hex_leaves(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from hex_leaves(value, (*path, index))
    elif isinstance(node, str) and len(node) > 2:
        yield path


LEAVES = sorted(hex_leaves({"block": BLOCK, "receipts": RECEIPTS}), key=str)


def test_a_true_block_of_every_transaction_type_is_proven(prove: Prove):
    assert prove(BLOCK, receipts=RECEIPTS) == {
        "block_hash", "transactions_root", "receipts_root", "withdrawals_root", "senders", "logs_bloom",
    }  # fmt: skip


def test_without_receipts_and_withdrawals_the_rest_is_proven(prove: Prove):
    bare = {name: value for name, value in BLOCK.items() if name != "withdrawals"}
    assert prove(bare) == {"block_hash", "transactions_root", "senders"}


@given(leaf=st.sampled_from(LEAVES), place=st.integers(0, 10_000), shift=st.integers(1, 15))
@settings(max_examples=150, deadline=None)
def test_a_wrong_digit_anywhere_is_refused_with_the_block_named(prove: Prove, leaf, place, shift):
    world = copy.deepcopy({"block": BLOCK, "receipts": RECEIPTS})
    holder: Any = world
    for key in leaf[:-1]:
        holder = holder[key]
    text = holder[leaf[-1]]
    spot = 2 + place % (len(text) - 2)
    digit = f"{(int(text[spot], 16) + shift) % 16:x}"
    holder[leaf[-1]] = text[:spot] + digit + text[spot + 1 :]
    with pytest.raises((ProofFailed, WrongChain), match=f"(?i)block {int(world['block']['number'], 16)}[ :]"):
        prove(world["block"], receipts=world["receipts"])


@pytest.mark.parametrize(
    ("where", "value", "field"),
    [
        (("block", "stateRoot"), "0x" + "ac" * 32, "hash"),
        (("block", "transactions", 3, "value"), "0x6", "transactions[3].hash"),
        (("block", "transactions", 0, "v"), "0x26", "transactions[0].hash"),
        (("block", "transactions", 2, "from"), OTHER, "transactions[2].from"),
        (("block", "withdrawals", 0, "amount"), "0x4", "withdrawalsRoot"),
        (("receipts", 1, "logs", 0, "data"), "0x" + "00" * 31 + "08", "receiptsRoot"),
        (("receipts", 1, "gasUsed"), "0x1", "receipts[1].gasUsed"),
        (("receipts", 4, "contractAddress"), OTHER, "receipts[4].contractAddress"),
        (("receipts", 5, "logs", 0, "logIndex"), "0x0", "receipts[5].logs[5].logIndex"),
    ],
)
def test_the_field_that_is_wrong_is_named(prove: Prove, where, value, field):
    world = copy.deepcopy({"block": BLOCK, "receipts": RECEIPTS})
    holder: Any = world
    for key in where[:-1]:
        holder = holder[key]
    holder[where[-1]] = value
    with pytest.raises(ProofFailed) as refused:
        prove(world["block"], receipts=world["receipts"])
    assert refused.value.field == field
    assert "Block 16" in str(refused.value)


def test_a_bloom_that_lacks_a_log_or_has_one_too_many_is_refused(prove: Prove):
    for bits in (bloom_of([OTHER]), bloom_of([OTHER, WORD, "0x" + "77" * 20])):
        block = BLOCK | {"logsBloom": f"0x{bits:0512x}"}
        block["hash"] = "0x" + keccak(encode_header(block)).hex()
        transactions = [transaction | {"blockHash": block["hash"]} for transaction in BLOCK["transactions"]]
        receipts = [
            receipt
            | {"blockHash": block["hash"], "logs": [log | {"blockHash": block["hash"]} for log in receipt["logs"]]}
            for receipt in RECEIPTS
        ]
        with pytest.raises(ProofFailed, match="Block 16: logsBloom is"):
            prove(block | {"transactions": transactions}, receipts=receipts)


NOT_COVERED_BY_THEIR_HASH = [
    (("block", "transactions", 1, "type"), "0x102"),
    (("block", "transactions", 4, "to"), "0x"),
    (("block", "transactions", 4, "to"), ""),
    (("block", "blobGasUsed"), None),
    (("block", "withdrawalsRoot"), None),
    (("receipts", 1, "root"), "0x01"),
    (("receipts", 1, "root"), WORD),
    (("receipts", 1, "status"), None),
    (("receipts", 2, "type"), None),
]


@pytest.mark.parametrize(("where", "value"), NOT_COVERED_BY_THEIR_HASH)
def test_what_could_be_said_otherwise_under_the_same_hash_is_refused(prove: Prove, where, value):
    world = copy.deepcopy({"block": BLOCK, "receipts": RECEIPTS})
    holder: Any = world
    for key in where[:-1]:
        holder = holder[key]
    holder[where[-1]] = value
    with pytest.raises((ProofFailed, FieldMalformed)):
        prove(world["block"], receipts=world["receipts"])


def test_an_empty_root_beside_a_status_says_nothing(prove: Prove):
    receipts = [receipt | {"root": "0x"} for receipt in RECEIPTS]
    assert "receipts_root" in prove(BLOCK, receipts=receipts)


def test_a_dropped_receipt_and_a_missing_field_are_refused(prove: Prove):
    with pytest.raises(ProofFailed, match="number of receipts is 6, its content gives 5"):
        prove(BLOCK, receipts=RECEIPTS[:-1])
    with pytest.raises(ProofFailed, match="Block 16: hash is"):
        prove({name: value for name, value in BLOCK.items() if name != "stateRoot"}, receipts=RECEIPTS)


def test_a_rollup_s_own_transaction_leaves_the_root_unproven_there_and_is_refused_elsewhere(prove: Prove):
    deposit = {name: value for name, value in BLOCK["transactions"][5].items() if name != "chainId"}
    deposit |= {"type": "0x7e", "transactionIndex": "0x0"}
    assert prove(BLOCK | {"transactions": [deposit]}, chain_id=10) == {"block_hash", "senders"}
    world = copy.deepcopy(BLOCK)
    world["transactions"][5]["type"] = "0x7e"
    with pytest.raises(ProofFailed, match=r"transactions\[5\].type is 0x7e, its content gives a type that this chain"):
        prove(world)


def test_a_type_no_chain_uses_is_refused_and_does_not_pass_as_a_rollups(prove: Prove):
    world = copy.deepcopy(BLOCK)
    world["transactions"][5]["type"] = "0x5"
    with pytest.raises(
        ProofFailed, match=r"transactions\[5\].type is 0x5, its content gives a type that this chain does not use"
    ):
        prove(world)


def root_calls() -> list[dict[str, Any]]:
    calls = []
    for index, (transaction, receipt) in enumerate(zip(BLOCK["transactions"], RECEIPTS, strict=True)):
        action = {name: transaction[name] for name in ("from", "to", "value", "input")}
        call = {
            "type": "create" if transaction["to"] is None else "call", "action": action, "traceAddress": [],
            "blockHash": BLOCK["hash"], "transactionHash": transaction["hash"], "transactionPosition": index,
        }  # fmt: skip
        calls.append(call if receipt["status"] == "0x1" else {**call, "error": "Reverted"})
    return calls


@pytest.mark.parametrize(
    ("index", "change", "field"),
    [
        (1, {"transactionHash": WORD}, r"traces\[1\].transactionHash"),
        (2, {"blockHash": WORD}, r"traces\[2\].blockHash"),
        (2, {"transactionPosition": 4}, r"traces\[2\].transactionPosition"),
        (3, {"error": "out of gas"}, r"traces\[3\].error"),
        (3, {"action": {**root_calls()[3]["action"], "from": OTHER}}, r"traces\[3\].action.from"),
        (3, {"action": {**root_calls()[3]["action"], "value": "0x6"}}, r"traces\[3\].action.value"),
    ],
)
def test_a_trace_that_does_not_fit_its_transaction_is_refused(prove: Prove, index, change, field):
    traces = root_calls()
    assert "receipts_root" in prove(BLOCK, receipts=RECEIPTS, traces=traces)
    traces[index] |= change
    with pytest.raises(ProofFailed, match=field):
        prove(BLOCK, receipts=RECEIPTS, traces=traces)
    with pytest.raises(ProofFailed, match="number of root traces"):
        prove(BLOCK, receipts=RECEIPTS, traces=root_calls()[:-1])


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=300))
@settings(max_examples=30, deadline=None)
def test_the_ordered_root_is_what_the_trie_library_computes(values):
    roots = ordered_roots(*packed(values), np.array([len(values)]))
    assert roots[0].tobytes() == (oracle_root(values) if values else keccak(rlp.encode(b"")))


@given(st.lists(st.binary(max_size=500), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_many_strings_are_hashed_as_one_by_one(values):
    assert [digest.tobytes() for digest in keccak_each(*packed(values))] == [keccak(value) for value in values]


def column(values: list[str | None]) -> Texts:
    data, offsets = packed([(value or "").encode() for value in values])
    return Texts(data, offsets, np.array([value is not None for value in values]))


@given(
    st.lists(st.tuples(st.binary(max_size=70), st.lists(st.binary(max_size=70), max_size=5)), min_size=1, max_size=6)
)
@settings(max_examples=100, deadline=None)
def test_lists_of_strings_and_lists_encode_as_the_rlp_library_does(rows):
    texts = encode(column([f"0x{text.hex()}" for text, _ in rows]), quantity=False)
    items = encode(column([f"0x{item.hex()}" for _, items in rows for item in items]), quantity=False)
    joined = join([texts, wrap(items, np.cumsum([0, *(len(items) for _, items in rows)]))])
    assert joined.data.tobytes() == b"".join(rlp.encode([text, items]) for text, items in rows)


@pytest.mark.parametrize("text", ["1", "x", "0", "0y12", "0xzz", "0x1]", "$0x12", "0x1 ", "0x12$0x34"])
def test_a_text_that_is_no_quantity_has_no_encoding_nor_has_the_list_around_it(text):
    encoded = encode(column(["0x1", text]), quantity=True)
    assert encoded.whole.tolist() == [True, False]
    assert join([encoded]).lengths.tolist() == [2, 0]
    assert wrap(encoded, np.array([0, 1, 2, 2])).whole.tolist() == [True, False, True]


def test_quantities_lose_their_leading_zeros_and_bytes_keep_them():
    quantities = encode(column(["0x0", "0x0100", None, "0x7f", "0x80", "0x00123"]), quantity=True)
    assert quantities.data.tobytes() == b"".join(map(rlp.encode, [b"", b"\1\0", b"", b"\x7f", b"\x80", b"\x01\x23"]))
    strings = encode(column(["0x00", "0x", "0x7F", "0x0080", "0x1"]), quantity=False)
    assert strings.data.tobytes() == b"".join(map(rlp.encode, [b"\0", b"", b"\x7f", b"\0\x80"]))
    assert strings.whole.tolist() == [True, True, True, True, False]


def test_fields_that_do_not_take_part_are_left_out_and_rows_of_no_kind_are_empty():
    fields = [encode(column([text] * 3), quantity=True) for text in ("0x1", "0x2", "0x3")]
    uses = np.array([[True, False, True], [True, True, False]])
    joined = join(fields, uses, np.array([1, -1, 0]), np.array([0, 0, 2], np.uint8))
    assert joined.lengths.tolist() == [3, 0, 4]
    assert joined.data.tobytes() == rlp.encode([b"\1", b"\2"]) + b"\2" + rlp.encode([b"\1", b"\3"])


def test_what_is_written_in_another_way_and_says_the_same_is_proven_as_well(prove: Prove):
    block, receipts = copy.deepcopy(BLOCK), copy.deepcopy(RECEIPTS)
    for receipt in receipts:
        receipt["transactionHash"] = "0x" + receipt["transactionHash"][2:].upper()
        receipt["logs"][0]["logIndex"] = "0x0" + receipt["logs"][0]["logIndex"][2:]
    block["gasUsed"] = "0x00" + block["gasUsed"][2:]
    assert prove(block, receipts=receipts) == prove(BLOCK, receipts=RECEIPTS)
