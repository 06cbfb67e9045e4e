"""Labels speak of Bitcoin addresses as text, and meet what the blocks say of them."""

from __future__ import annotations

from pathlib import Path

from ingest.bitcoin_audit import labelled_addresses
from ingest.bitcoin_networks import REGTEST
from ingest.labels import import_labels
from sql.store import Store
from tests.fixtures.bitcoin_story import bitcoin, story
from tests.ingest.test_bitcoin import ingest, shown


def test_a_labelled_address_is_shown_with_what_it_received_and_still_holds(tmp_path: Path, store: Store) -> None:
    told = story()
    vault, frank = told.sharing.outputs[0].script.address, told.joining.outputs[2].script.address
    ingest(store, tmp_path / "a", shown())
    labels = tmp_path / "labels.csv"
    labels.write_text(
        "address,label,category,source,chain\n"
        f"{vault},A shop,exchange,analyst,bitcoin\n"
        f"{frank},A note,ransomware,analyst,bitcoin\n"
        "1P3ZfGFLezzYGg9k5SVzQmnjyh7nrUmF2y,Elsewhere,ransomware,analyst,bitcoin\n"
    )
    import_labels(store, [labels])
    found = labelled_addresses(store, REGTEST)
    assert [(row["address"], row["label"], row["received_satoshi"], row["unspent_satoshi"]) for row in found] == [
        (vault, "A shop", str(bitcoin("0.1")), "0"),
        (frank, "A note", str(bitcoin("0.05")), str(bitcoin("0.05"))),
    ]
    assert [(row["category"], row["outputs"], row["first_block"], row["last_block"]) for row in found] == [
        ("exchange", 1, 4, 4),
        ("ransomware", 1, 5, 5),
    ]
