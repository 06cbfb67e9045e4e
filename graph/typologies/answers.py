"""What the detectors found at one address, for those who ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainsight.addresses import show_hex
from chainsight.errors import StoreEmpty
from sql.files import load
from sql.store import Store


@dataclass(frozen=True)
class AddressFindings:
    """Behaviours of one address as the newest run saw them."""

    as_of_block: int
    """Up to which block the detectors that ran last knew the chain."""
    detectors: int
    """How many have run."""
    findings: list[dict[str, Any]]
    """typology, role, severity, strength, fatf_group, sentence, evidence (transactions, 32 bytes each); the gravest first."""


def findings_of(store: Store, address: bytes, *, chain_id: int) -> AddressFindings:
    """What stands in `typology_findings`; raises `StoreEmpty` before a first run and for an address without transfers."""
    ran = store.query(load("queries/typology_runs"), chain_id=chain_id).to_pylist()[0]
    if not ran["detectors"]:
        raise StoreEmpty(
            f"typologies of chain {chain_id}", "No detector has run yet. Run them with: chainsight typologies run"
        )
    found = store.query(load("queries/typology_findings"), chain_id=chain_id, address=address.hex()).to_pylist()
    if not found and not _is_seen(store, address, chain_id):
        raise StoreEmpty(
            f"transfer of {show_hex(address)} on chain {chain_id} up to block {ran['as_of_block']}",
            "Check the address and --chain-id; or ingest the blocks that it appears in.",
        )
    return AddressFindings(ran["as_of_block"], ran["detectors"], found)


def _is_seen(store: Store, address: bytes, chain_id: int) -> bool:
    seen = store.query(load("queries/address_is_seen"), chain_id=chain_id, address=address.hex())
    return bool(seen.column("is_seen")[0].as_py())
