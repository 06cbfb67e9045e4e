"""Addresses, hashes and amounts against vectors from the standards and from the chain itself."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chainsight.errors import ProofFailed
from ingest.bitcoin_addresses import address_of
from ingest.bitcoin_blocks import satoshi
from ingest.bitcoin_networks import MAINNET, REGTEST, SIGNET, TESTNET, Network, network_named
from ingest.bitcoin_proofs import prove_block
from sql.files import load
from sql.store import Store
from tests.fixtures import bitcoin_chain
from tests.fixtures.bitcoin_chain import GENESIS, Chain, Json, as_line

# Scripts and their addresses: the genesis key's hash, BIP 173, BIP 350, and BIP 341's pay-to-anchor form.
VECTORS = [
    (MAINNET, "76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
    (MAINNET, "a914e9c3dd0c07aac76179ebc76a6c78d4d67c6c160a87", "3P14159f73E4gFr7JterCCQh9QjiTjiZrG"),
    (MAINNET, "0014751e76e8199196d454941c45d1b3a323f1433bd6", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    (TESTNET, "0014751e76e8199196d454941c45d1b3a323f1433bd6", "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"),
    (
        SIGNET,
        "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
        "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
    ),
    (
        MAINNET,
        "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    ),
    (MAINNET, "6002751e", "bc1sw50qgdz25j"),
    (MAINNET, "5210751e76e8199196d454941c45d1b3a323", "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs"),
    (MAINNET, "51024e73", "bc1pfeessrawgf"),
]


@pytest.mark.parametrize(("network", "script", "address"), VECTORS)
def test_an_address_is_what_the_standards_say(network: Network, script: str, address: str) -> None:
    assert address_of(bytes.fromhex(script), network) == address


@pytest.mark.parametrize(
    "script",
    [
        "",
        "6a0548656c6c6f",
        "2102" + "ab" * 32 + "ac",
        "5121" + "03" * 33 + "51ae",
        "0015" + "00" * 21,
        "5101aa",
        "5129" + "00" * 41,
        "76a914" + "00" * 20 + "88ad",
    ],
)
def test_a_script_without_an_address_gets_none(script: str) -> None:
    assert address_of(bytes.fromhex(script), MAINNET) == ""


def test_the_fixture_writes_addresses_as_the_standards_do() -> None:
    hashed, program = bytes.fromhex("62e907b15cbf27d5425399ebf6f0fb50ebb88f18"), bytes.fromhex(VECTORS[5][1])[2:]
    assert bitcoin_chain.base58check(0, hashed) == VECTORS[0][2]
    assert bitcoin_chain.segwit_address("bc", 1, program) == VECTORS[5][2]
    assert bitcoin_chain.segwit_address("tb", 0, bytes.fromhex(VECTORS[3][1])[2:]) == VECTORS[3][2]
    assert bitcoin_chain.segwit_address("bc", 16, b"\x75\x1e") == VECTORS[6][2]


AMOUNTS = {
    "0": 0,
    "0.00000001": 1,
    "1e-8": 1,
    "0.1": 10_000_000,
    "0.30000000": 30_000_000,
    "20999999.9769": 2_099_999_997_690_000,
    "21000000.00000000": 2_100_000_000_000_000,
    "50": 5_000_000_000,
}


def test_amounts_are_read_from_their_text_to_the_last_satoshi(store: Store) -> None:
    store.command(load("functions/bitcoin_to_satoshi"))
    read = store.query(
        "SELECT arrayMap(text -> bitcoinToSatoshi(text), {texts:Array(String)}) AS amounts", texts=list(AMOUNTS)
    )
    assert read.to_pylist() == [{"amounts": list(AMOUNTS.values())}]
    assert [satoshi(Decimal(text)) for text in AMOUNTS] == list(AMOUNTS.values())


def test_the_parser_hands_amounts_on_as_text_and_no_float_lies_between(store: Store) -> None:
    store.command(load("functions/bitcoin_to_satoshi"))
    for table in ("staged_bitcoin_blocks", "staged_bitcoin_outputs"):
        store.command(load(f"bitcoin/{table}"))
    outputs = b'[{"value":20999999.97690000,"n":0},{"value":0.30000000,"n":1},{"value":92233720368.54775807,"n":2}]'
    line = b'{"height":7,"hash":"' + b"ab" * 32 + b'","tx":[{"txid":"' + b"cd" * 32 + b'","vout":' + outputs + b"}]}"
    store.load("staged_bitcoin_blocks", line)
    store.command(load("bitcoin/decode_outputs"))
    found = store.query("SELECT value FROM staged_bitcoin_outputs ORDER BY output_index").column("value").to_pylist()
    assert found == [2_099_999_997_690_000, 30_000_000, 2**63 - 1]


@pytest.mark.parametrize("text", ["0.000000001", "-0.00000001", "21000000.00000001", "NaN", "Infinity"])
def test_what_is_no_amount_of_bitcoin_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no amount"):
        satoshi(Decimal(text))


def test_the_first_blocks_of_regtest_and_mainnet_prove_themselves() -> None:
    assert GENESIS.hash == REGTEST.genesis_hash
    prove_block(as_line(Chain().shown(0)), network=REGTEST, number=0, where="here")
    mainnet = Chain().shown(0) | {
        "hash": MAINNET.genesis_hash,
        "time": 1231006505,
        "bits": "1d00ffff",
        "nonce": 2083236893,
    }
    proven = prove_block(as_line(mainnet), network=MAINNET, number=0, where="here")
    assert (proven.transactions, proven.output_value) == (1, 50 * 10**8)
    with pytest.raises(ProofFailed, match=f"Block 0: hash is {MAINNET.genesis_hash}, its content gives 0f9188f1"):
        prove_block(as_line(Chain().shown(0) | {"hash": MAINNET.genesis_hash}), network=MAINNET, number=0, where="here")


def test_the_first_payment_in_bitcoin_proves_itself() -> None:
    """Block 170 of mainnet: ten bitcoin from one bare public key to another."""
    assert prove_block(as_line(_block_170()), network=MAINNET, number=170, where="here").inputs == 2


def test_networks_go_by_our_name_and_by_that_of_the_node() -> None:
    assert network_named("main") is network_named("mainnet") is MAINNET


def _block_170() -> Json:
    keys = [
        "04d46c4968bde02899d2aa0963367c7a6ce34eec332b32e42e5f3407e052d64ac625da6f0718e7b302140434bd725706957c092db53805b82"
        "1a85b23a7ac61725b",
        "04ae1a62fe09c5f51b13905f07f06b99a2f7159b2225f374cd378d71302fa28414e7aab37397f554a7df5f142c21c1b7303b8a0626f1bade"
        "d5c72a704f7e6cd84c",
        "0411db93e1dcdb8a016b49840f8c53bc1eb68a382e97b1482ecad7b148a6909a5cb2e0eaddfb84ccf9744464f82e160bfa9b8b64f9d4c03f"
        "999b8643f656b412a3",
    ]
    signature = (
        "47304402204e45e16932b8af514961a1d3a1a25fdf3f4f7732e9d624c6c61548ab5fb8cd410220181522ec8eca07de4860a4acdd12909d831c"
        "c56cbbac4622082221a8768d1d0901"
    )
    minted = "b1fea52486ce0c62bb442b530a3f0132b826c74e473d1f2c220bfa78111c5082"
    paid = "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16"
    spent = "0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9"

    def pays(place: int, value: str, key: str) -> Json:
        return {"value": f"BTC:{value}", "n": place, "scriptPubKey": {"hex": f"41{key}ac", "type": "pubkey"}}

    common = {"version": 1, "locktime": 0}
    return {
        "hash": "00000000d1145790a8694403d4063f323d499e655c83426834d4ce2f8dd4a2ee",
        "height": 170,
        "version": 1,
        "merkleroot": "7dac2c5666815c17a3b36427de37bb9d2e2c5ccec3f8633eb91a4205cb4c10ff",
        "time": 1231731025,
        "nonce": 1889418792,
        "bits": "1d00ffff",
        "previousblockhash": "000000002a22cfee1f2c846adbd12b3e183d4f97683f85dad08a79780a84bd55",
        "size": 490,
        "weight": 1960,
        "tx": [
            {
                **common,
                "txid": minted,
                "hash": minted,
                "size": 134,
                "weight": 536,
                "vin": [{"coinbase": "04ffff001d0102", "sequence": 0xFFFFFFFF}],
                "vout": [pays(0, "50.00000000", keys[0])],
            },
            {
                **common,
                "txid": paid,
                "hash": paid,
                "size": 275,
                "weight": 1100,
                "vin": [{"txid": spent, "vout": 0, "scriptSig": {"hex": signature}, "sequence": 0xFFFFFFFF}],
                "vout": [pays(0, "10.00000000", keys[1]), pays(1, "40.00000000", keys[2])],
            },
        ],
    }
