"""Which address a script pays to: base58check (version 1), bech32 (BIP 173) and bech32m (BIP 350).

An address is only another way to write a script, so it is derived from the script's bytes and never taken on trust.
Scripts that have none (a bare public key, bare multisig, OP_RETURN, anything unusual) get none here either.
"""

from __future__ import annotations

import hashlib

from ingest.bitcoin_networks import Network

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_CONSTANT = 1
_BECH32M_CONSTANT = 0x2BC830A3
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
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
    bits, width, words = 0, 0, [witness_version]
    for byte in program:
        bits, width = bits << 8 | byte, width + 8
        while width >= 5:
            width -= 5
            words.append(bits >> width & 31)
    if width:
        words.append(bits << (5 - width) & 31)
    constant = _BECH32_CONSTANT if witness_version == 0 else _BECH32M_CONSTANT
    expanded = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    checksum = _polymod([*expanded, *words, 0, 0, 0, 0, 0, 0]) ^ constant
    words += [checksum >> 5 * (5 - place) & 31 for place in range(6)]
    return prefix + "1" + "".join(_BECH32[word] for word in words)


def _polymod(words: list[int]) -> int:
    checksum = 1
    for word in words:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ word
        for place, factor in enumerate(_GENERATOR):
            if top >> place & 1:
                checksum ^= factor
    return checksum
