"""Addresses as people write them: what is read, what is doubted, what is left out."""

from __future__ import annotations

import pytest

from ingest.bitcoin_addresses import base58check, segwit_address
from ingest.stated_addresses import LeftOut, StatedAddress, has_wrong_case, normalise_address, read_address

VITALIK = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045"
ICAP = "00c5496aee77c1ba1f0854206a26dda82a81d6d8"  # the example of the ICAP page
TEXT = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
BECH32 = segwit_address("bc", 0, bytes(range(20)))
TAPROOT = segwit_address("bc", 1, bytes(range(32)))


# The four vectors of EIP-55.
@pytest.mark.parametrize(
    "address",
    [
        "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "fB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "dbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "D1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ],
)
def test_the_published_checksums_agree_and_one_turned_letter_does_not(address: str) -> None:
    assert not has_wrong_case(address)
    assert not has_wrong_case(address.lower())
    assert not has_wrong_case(address.upper())
    turned = next(place for place, letter in enumerate(address) if letter.isalpha())
    assert has_wrong_case(address[:turned] + address[turned].swapcase() + address[turned + 1 :])


@pytest.mark.parametrize(
    ("text", "chain", "expected"),
    [
        (f" {VITALIK}\t", "ETH", StatedAddress("ethereum", bytes.fromhex(VITALIK[2:]))),
        (VITALIK[2:].lower(), "", StatedAddress("", bytes.fromhex(VITALIK[2:]))),
        ("XE7338O073KYGTWWZN0F2WZ0R8PX5ZPPZS", "", StatedAddress("", bytes.fromhex(ICAP))),
        (TEXT, "BTC", StatedAddress("bitcoin", TEXT.encode())),
        (BECH32.upper(), "XBT", StatedAddress("bitcoin", BECH32.encode())),
        (TAPROOT, "bitcoin", StatedAddress("bitcoin", TAPROOT.encode())),
        ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "USDT", StatedAddress("tron", b"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")),
        ("0x" + "Ab" * 32, "aptos", StatedAddress("aptos", b"0x" + b"ab" * 32)),
        ("bitfinexcw21", "EOS", StatedAddress("eos", b"bitfinexcw21")),
    ],
)  # fmt: skip
def test_addresses_of_every_chain_are_read(text: str, chain: str, expected: StatedAddress) -> None:
    assert read_address(text, chain) == expected


@pytest.mark.parametrize(
    ("text", "chain", "doubt"),
    [
        ("0xD" + VITALIK[3:], "ETH", "wrong checksum (EIP-55)"),
        (TEXT[:-1] + "b", "BTC", "wrong checksum (base58)"),
        ("bc1q" + "q" * 38, "BTC", "wrong checksum (bech32)"),
        (BECH32[:10].upper() + BECH32[10:], "BTC", "wrong checksum (bech32)"),
        ("0x" + "11" * 20, "BTC", "form of an EVM address, on bitcoin"),
    ],
)
def test_what_looks_wrong_is_kept_and_doubted(text: str, chain: str, doubt: str) -> None:
    found = read_address(text, chain)
    assert isinstance(found, StatedAddress)
    assert doubt in found.doubt


@pytest.mark.parametrize(
    ("text", "chain", "reason"),
    [
        ("", "", "is not an address"),
        ("0x12", "ETH", "is not an address"),
        ("0x" + "ab" * 32, "ETH", "is a transaction or a key, not an address"),
        ("vitalik.eth", "ETH", "is a name, not an address"),
        ("a-name-that-is-rather-long.eth", "ETH", "is a name, not an address"),
        ("XE8338O073KYGTWWZN0F2WZ0R8PX5ZPPZS", "ETH", "has wrong ICAP check digits"),
        ("there are no matching entries", "bsc", "is not an address"),
        ("x" * 20, "other", "is not an address"),
        (TEXT + "\0", "BTC", "is not an address"),
    ],
)
def test_what_is_no_address_is_left_out_with_the_reason(text: str, chain: str, reason: str) -> None:
    found = read_address(text, chain)
    assert isinstance(found, LeftOut)
    assert found.reason == reason
    assert normalise_address(text) is None or chain != ""


def test_no_text_can_be_taken_for_twenty_bytes() -> None:
    for text in ("x" * 20, "1" * 20, "T" * 20):
        for chain in ("", "bitcoin", "tron", "eos", "aptos"):
            found = read_address(text, chain)
            assert isinstance(found, LeftOut)


def test_every_bitcoin_address_our_own_writer_makes_is_read_without_a_doubt() -> None:
    for seed in range(200):
        program = bytes((seed * place * place + 7 * place) % 256 for place in range(1, 21))
        for text in (
            base58check(b"\0" + program), base58check(b"\5" + program), base58check(bytes(1 + seed % 4) + program[seed % 4 :]),
            segwit_address("bc", 0, program), segwit_address("bc", 1, program + program[:12]),
        ):  # fmt: skip
            assert read_address(text, "BTC") == StatedAddress("bitcoin", text.encode())
