"""Addresses as people and publishers write them: 20 bytes for EVM chains, the text itself for all others.

`labels.address` holds either, told apart by length: no text of 20 bytes is ever let through. A Bitcoin address is its
text (base58 as it is, bech32 in lower case), so that tables of other chains join by `chain = 'bitcoin' AND address = text`.

Sources: EIP-55 (letters' case is a checksum), ICAP (Ethereum wiki, "Inter exchange Client Address Protocol": ISO 13616
check digits, base 36), BIP 173 and BIP 350 (bech32, bech32m), base58check (Bitcoin).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache

from eth_utils.crypto import keccak

from chainsight.chains import chain_name, known_chains
from ingest.bitcoin_addresses import segwit_address

_EVM = re.compile(r"0[xX][0-9a-fA-F]{40}")
_BARE_EVM = re.compile(r"[0-9a-fA-F]{40}")
_WORD_OF_32 = re.compile(r"0[xX][0-9a-fA-F]{64}")
_ICAP = re.compile(r"XE[0-9]{2}[0-9A-Z]{30,31}")
_NAME = re.compile(r".+\.(eth|xyz|crypto|sol|bnb|lens|x)", re.IGNORECASE)
_TEXT = re.compile(r"[0-9A-Za-z:_.-]{21,128}")
_ACCOUNT_NAME = re.compile(r"[a-z1-5.]{1,13}")
_ACCOUNT_NAME_CHAINS = frozenset({"eos", "tlos", "telos", "wax", "waxp"})
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_CHAINS = {"bitcoin": "bc", "litecoin": "ltc"}
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE58_CHAINS = frozenset({"bitcoin", "litecoin", "dogecoin", "doge", "dash", "tron", "zcash"})
_BASE58_ADDRESS = re.compile(f"[{_BASE58}]{{25,36}}")
_EVM_BYTES = 20
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class StatedAddress:
    """One address that could be read."""

    chain: str
    """Lower case: ethereum, bitcoin …; empty for any EVM chain."""
    address: bytes
    """20 bytes on EVM chains, the text itself on others."""
    doubt: str = ""
    """What is odd about it, where something is: the address is kept all the same."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that could not be read, and why."""

    reason: str
    """Without the value, so that it can be counted: `is not an address`."""
    value: str | None = None

    def __str__(self) -> str:
        return f"{'it' if self.value is None else repr(self.value[:_SHOWN])} {self.reason}"


def read_address(text: str, chain: str = "") -> StatedAddress | LeftOut:
    """What a source calls an address, on the chain it names (empty: any EVM chain); EIP-55 and base58 are checked.

    >>> read_address("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "BTC")
    StatedAddress(chain='bitcoin', address=b'1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', doubt='')
    >>> str(read_address("vitalik.eth", "ETH"))
    "'vitalik.eth' is a name, not an address"
    """
    stripped, name = text.strip(), chain_name(chain)
    if _EVM.fullmatch(stripped):
        return _evm(stripped[2:], name)
    if stripped[:2] in ("0x", "0X"):
        if _WORD_OF_32.fullmatch(stripped):
            if _is_evm(name):
                return LeftOut("is a transaction or a key, not an address", text)
            return StatedAddress(name, stripped.lower().encode())
        return LeftOut("is not an address", text)
    if _ICAP.fullmatch(stripped):
        return _icap(stripped, name)
    if _is_evm(name) and _BARE_EVM.fullmatch(stripped):
        return _evm(stripped, name)
    if _NAME.fullmatch(stripped):
        return LeftOut("is a name, not an address", text)
    if name in _ACCOUNT_NAME_CHAINS and _ACCOUNT_NAME.fullmatch(stripped):
        return StatedAddress(name, stripped.encode())
    if _TEXT.fullmatch(stripped):
        return _text(stripped, name)
    return LeftOut("is not an address", text)


def normalise_address(text: str) -> bytes | None:
    """20 bytes of an EVM address, the text of another chain's, None for neither."""
    found = read_address(text)
    return found.address if isinstance(found, StatedAddress) else None


def has_wrong_case(digits: str) -> bool:
    """Whether the mixed case of 40 hex digits is not the checksum it should be; one case says nothing (EIP-55)."""
    lower = digits.lower()
    if digits in (lower, digits.upper()):
        return False
    pattern = keccak(lower.encode()).hex()
    wanted = (digit.upper() if nibble > "7" else digit for digit, nibble in zip(lower, pattern, strict=False))
    return digits != "".join(wanted)


@cache
def _is_evm(name: str) -> bool:
    return name == "" or name.isdecimal() or name in {chain.name for chain in known_chains().values()}


def _evm(digits: str, chain: str) -> StatedAddress:
    doubt = "has the case of a wrong checksum (EIP-55)" if has_wrong_case(digits) else ""
    if not doubt and chain in _BASE58_CHAINS:
        doubt = f"has the form of an EVM address, on {chain}"
    return StatedAddress(chain, bytes.fromhex(digits), doubt)


def _icap(text: str, chain: str) -> StatedAddress | LeftOut:
    turned = "".join(str(int(letter, 36)) for letter in text[4:] + text[:4])
    number = int(text[4:], 36)
    if int(turned) % 97 != 1 or number >> (8 * _EVM_BYTES):
        return LeftOut("has wrong ICAP check digits", text)
    return StatedAddress(chain, number.to_bytes(_EVM_BYTES))


def _text(text: str, chain: str) -> StatedAddress:
    if chain == "ethereum":  # a stablecoin's holder on another chain: sources write the token where the chain belongs
        chain = "tron" if text.startswith("T") else "bitcoin"
    prefix = _BECH32_CHAINS.get(chain, "")
    if prefix and text.lower().startswith(f"{prefix}1"):
        wrong = text not in (text.lower(), text.upper()) or not _is_segwit(text.lower(), prefix)
        return StatedAddress(chain, text.lower().encode(), "has a wrong checksum (bech32)" if wrong else "")
    if chain in _BASE58_CHAINS and _BASE58_ADDRESS.fullmatch(text) and not _is_base58check(text):
        return StatedAddress(chain, text.encode(), "has a wrong checksum (base58)")
    return StatedAddress(chain, text.encode())


def _is_base58check(text: str) -> bool:
    """Whether the last four bytes are the double SHA-256 of those before, and every leading 1 is a zero byte."""
    number = 0
    for letter in text:
        number = number * 58 + _DIGITS[letter]
    zeros = len(text) - len(text.lstrip("1"))
    whole = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)
    return whole[-4:] == hashlib.sha256(hashlib.sha256(whole[:-4]).digest()).digest()[:4]


def _is_segwit(text: str, prefix: str) -> bool:
    words = [_BECH32.find(letter) for letter in text[len(prefix) + 1 :]]
    if len(words) < 8 or min(words) < 0 or words[0] > 16:
        return False
    bits = 0
    for word in words[1:-6]:
        bits = bits << 5 | word
    spare = 5 * len(words[1:-6]) % 8
    program = (bits >> spare).to_bytes(5 * len(words[1:-6]) // 8)
    return 2 <= len(program) <= 40 and segwit_address(prefix, words[0], program) == text


_DIGITS = {letter: place for place, letter in enumerate(_BASE58)}
