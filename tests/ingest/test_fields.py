"""What is no number, no address, no hash is refused by name of block and field, before anything of the batch is decoded."""

from __future__ import annotations

from typing import Any

import pytest

from chainsight.errors import FieldMalformed
from ingest.fields import refuse_malformed, refuse_malformed_traces
from sql.store import Store
from tests.fixtures.handmade import MINER, Json, block, call, log, receipt, stage, transaction, word

WITHDRAWAL = {"index": "0x1", "validatorIndex": "0x1", "address": MINER, "amount": "0x1"}
HOSTILE = {
    "65 digits": "0x" + "1" * 65,
    "nothing": "",
    "only 0x": "0x",
    "negative": "-0x1",
    "a minus inside": "0x-1",
    "decimal": "100",
    "no hex": "0xfg",
    "a space": "0x1 ",
    "a line": "0x1\n",
}


def refuse_all(store: Store) -> None:
    refuse_malformed(store)
    refuse_malformed_traces(store)


def refused(
    store: Store, *blocks: Json, receipts: list[Json] | None = None, traces: list[Json] | None = None
) -> tuple[int, str]:
    stage(
        store,
        blocks,
        [{"number": "0x9", "receipts": receipts}] if receipts else [],
        [{"number": "0x9", "traces": traces}] if traces else [],
    )
    with pytest.raises(FieldMalformed) as caught:
        refuse_all(store)
    assert caught.value.exit_code == 3
    return caught.value.block_number, caught.value.field


@pytest.mark.parametrize("stated", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("field", ["value", "gas", "gasPrice", "nonce"])
def test_a_number_that_is_none_is_named(store: Store, field: str, stated: str) -> None:
    changed: Json = {"index": 1, field: stated}
    assert refused(store, block(transaction(), transaction(**changed))) == (
        9,
        f"transactions[1].{field}",
    )


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"gas": "0x1" + "0" * 16}, "gas"),
        ({"value": None}, "value"),
        ({"value": -5}, "value"),
        ({"value": ...}, "value"),
        ({"nonce": ...}, "nonce"),
        ({"gasPrice": ...}, "gasPrice"),
        ({"from": "0x" + "a" * 39}, "from"),
        ({"from": None}, "from"),
        ({"to": ""}, "to"),
        ({"hash": "0x12"}, "hash"),
        ({"input": "0x123"}, "input"),
        ({"type": "0x100"}, "type"),
        ({"type": "0x2", "maxFeePerGas": "0x" + "f" * 65}, "maxFeePerGas"),
        ({"type": "0x3", "maxFeePerBlobGas": "0xg"}, "maxFeePerBlobGas"),
        ({"type": "0x3", "blobVersionedHashes": ["0x01"]}, "blobVersionedHashes"),
        ({"type": "0x1", "accessList": [{"address": "0x1", "storageKeys": []}]}, "accessList"),
        ({"type": "0x1", "accessList": [{"address": "0x" + "a" * 40, "storageKeys": ["0x1"]}]}, "accessList"),
        (
            {"type": "0x4", "authorizationList": [
                {"chainId": "0x1", "address": MINER, "nonce": "0x1" + "0" * 16, "yParity": "0x0", "r": "0x1", "s": "0x1"}
            ]},
            "authorizationList",
        ),
    ],
)  # fmt: skip
def test_fields_of_every_type_of_transaction_are_looked_at(store: Store, fields: dict[str, Any], named: str) -> None:
    assert refused(store, block(transaction(**fields))) == (9, f"transactions[0].{named}")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"gasUsed": "0xzz"}, "gasUsed"),
        ({"baseFeePerGas": "0x" + "1" * 65}, "baseFeePerGas"),
        ({"timestamp": "0x100000000"}, "timestamp"),
        ({"miner": "0x"}, "miner"),
        ({"size": "-1"}, "size"),
        ({"extraData": "0x1"}, "extraData"),
        ({"withdrawals": [WITHDRAWAL | {"address": "0x1"}]}, "withdrawals[0].address"),
        ({"withdrawals": [WITHDRAWAL | {"amount": "1"}]}, "withdrawals[0].amount"),
    ],
)  # fmt: skip
def test_fields_of_the_header_and_of_withdrawals_are_looked_at(
    store: Store, fields: dict[str, Any], named: str
) -> None:
    assert refused(store, block(**fields)) == (9, named)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"data": "0x1"}, "data"),
        ({"topics": ["0x1234"]}, "topics"),
        ({"topics": [word(1)] * 5}, "topics"),
        ({"address": "0x"}, "address"),
        ({"logIndex": "0x"}, "logIndex"),
        ({"removed": True}, "removed"),
        ({"removed": "0x1"}, "removed"),
    ],
)
def test_a_log_that_is_none_or_no_longer_is_one_is_refused(store: Store, fields: dict[str, Any], named: str) -> None:
    sent = transaction()
    found = refused(store, block(sent), receipts=[receipt(sent, log(word(1)), log(**{"index": 1, **fields}))])
    assert found[1].startswith("receipts[0].logs[")
    assert found[1].endswith(f"].{named}")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"status": "0x2"}, "status"),
        ({"gasUsed": "1"}, "gasUsed"),
        ({"effectiveGasPrice": "0x" + "1" * 65}, "effectiveGasPrice"),
    ],
)
def test_fields_of_receipts_are_looked_at(store: Store, fields: dict[str, Any], named: str) -> None:
    sent = transaction()
    assert refused(store, block(sent), receipts=[receipt(sent, **fields)]) == (9, f"receipts[0].{named}")


@pytest.mark.parametrize(
    ("trace", "named"),
    [
        (call([0], value=None), "action.value"),
        (call([0]) | {"type": "selfdestruct"}, "type"),
        (call([0], kind="jump"), "action.callType"),
        (call([0], to=None), "action.to"),
        (call([0]) | {"type": "create", "result": {"gasUsed": "0x1", "address": None}}, "result.address"),
        (call([0], value=1 << 256), "action.value"),
    ],
)
def test_a_trace_that_would_move_something_unsaid_is_refused(store: Store, trace: Json, named: str) -> None:
    assert refused(store, block(transaction()), traces=[call(), trace]) == (9, f"traces[1].{named}")


def test_an_honest_block_passes(store: Store) -> None:
    sent, widest = transaction(), transaction(index=1, value="0x" + "F" * 64, nonce="0x" + "f" * 16)
    stage(
        store,
        [block(sent, widest)],
        [
            {
                "number": "0x9",
                "receipts": [receipt(sent, log(word(1), data="0xFF"), log(index=1)), receipt(widest, status=None)],
            }
        ],
        [{"number": 9, "traces": [call(), call([0], kind="delegatecall", value=None), call([1], error="Reverted")]}],
    )
    refuse_all(store)
