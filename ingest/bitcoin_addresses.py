"""Which address a script pays to: base58check (version 1), bech32 (BIP 173) and bech32m (BIP 350).

An address is only another way to write a script, so it is derived from the script's bytes and never taken on trust.
Scripts that have none (a bare public key, bare multisig, OP_RETURN, anything unusual) get none here either.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache, reduce
from operator import xor

from ingest.bitcoin_networks import Network

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_WORD_OF_LETTER = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", bytes(range(32)))
_BECH32_OF_WORD = bytes.maketrans(bytes(range(32)), _BECH32)
_BECH32_CONSTANT = 1
_BECH32M_CONSTANT = 0x2BC830A3
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
# What the five bits that leave the checksum do to it, for all 32 of them at once.
_STEPS = [reduce(xor, (factor for place, factor in enumerate(_GENERATOR) if top >> place & 1), 0) for top in range(32)]
_OP_1, _OP_16 = 0x51, 0x60


def address_of(script: bytes, network: Network) -> str:
    """The address of an output script; empty where it has none.

    >>> from ingest.bitcoin_networks import MAINNET
    >>> address_of(bytes.fromhex("0014751e76e8199196d454941c45d1b3a323f1433bd6"), MAINNET)
    'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'
    """
    length = len(script)
    if length == 25 and script.startswith(b"\x76\xa9\x14") and script.endswith(b"\x88\xac"):
        return base58check(bytes([network.key_hash_prefix]) + script[3:23])
    if length == 23 and script.startswith(b"\xa9\x14") and script.endswith(b"\x87"):
        return base58check(bytes([network.script_hash_prefix]) + script[2:22])
    if not (4 <= length <= 42 and script[1] == length - 2):
        return ""
    if script[0] == 0 and length in {22, 34}:
        return segwit_address(network.segwit_prefix, 0, script[2:])
    if _OP_1 <= script[0] <= _OP_16:
        return segwit_address(network.segwit_prefix, script[0] - _OP_1 + 1, script[2:])
    return ""


def base58check(payload: bytes) -> str:
    """Base 58 of payload and checksum, leading zero bytes as ones.

    >>> base58check(bytes.fromhex("0062e907b15cbf27d5425399ebf6f0fb50ebb88f18"))
    '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'
    """
    whole = payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    number, digits = int.from_bytes(whole), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _BASE58[digit] + digits
    return "1" * (len(whole) - len(whole.lstrip(b"\0"))) + digits


def segwit_address(prefix: str, witness_version: int, program: bytes) -> str:
    """BIP 173 for witness version 0, BIP 350 for 1 to 16; `program` has 2 to 40 bytes."""
    # Base 32 cuts bytes into the same groups of five bits, and fills the last one with zeros as well.
    words = bytes([witness_version]) + base64.b32encode(program).rstrip(b"=").translate(_WORD_OF_LETTER)
    constant = _BECH32_CONSTANT if witness_version == 0 else _BECH32M_CONSTANT
    checksum = _polymod(words + bytes(6), _begun(prefix)) ^ constant
    words += bytes(checksum >> 5 * (5 - place) & 31 for place in range(6))
    return f"{prefix}1{words.translate(_BECH32_OF_WORD).decode()}"


def _polymod(words: bytes, checksum: int = 1) -> int:
    for word in words:
        checksum = (checksum & 0x1FFFFFF) << 5 ^ word ^ _STEPS[checksum >> 25]
    return checksum


@cache
def _begun(prefix: str) -> int:
    """The checksum after the human-readable part."""
    letters = prefix.encode()
    return _polymod(bytes(letter >> 5 for letter in letters) + b"\0" + bytes(letter & 31 for letter in letters))
