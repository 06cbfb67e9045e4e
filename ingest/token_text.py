"""Names and symbols as strangers' contracts state them, made fit to show, with what was odd about them.

Sources: the contract ABI specification (string and bytes32), Unicode TR 36 and TR 39 (what may be mistaken for what; the table
of look-alikes is a small one of our own: the letters that well-known symbols are made of).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_WORD = 32
_MOST_MARKS = 2
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Letters that show nothing: Hangul fillers and the empty Braille pattern.
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_SELECTORS = frozenset(chr(code) for code in range(0xFE00, 0xFE10))
_URL = re.compile(
    r"https?:|www\.|t\.me\b|\b[a-z0-9][a-z0-9-]*\s?\.\s?(com|org|net|io|xyz|app|finance|site|top|vip|gift|claims?|live|pro|cc|co"
    r"|info|link|online|network|events|events?|lol|fun|club|space|world|cash|exchange|us|me|to|fi|eth\.limo)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}", re.IGNORECASE)
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "LISU", "COPTIC", "HEBREW", "ARABIC")

_LOOKS_LIKE = {
    "a": "аαᎪꓮ@", "b": "ЬВвβᏴꓐϐ", "c": "сϲᏟꓚ", "d": "ԁᎠꓓđ", "e": "еεЕᎬꓰєҽ", "f": "ϝꓝ", "g": "ɡԍꓖᏀ",
    "h": "нһНᎻꓧη", "i": "іιıᎥꓲ1l|!ⅼӏ", "j": "јᎫꓙ", "k": "кκᏦꓗ", "m": "мᎷꓟϻ", "n": "пոΝꓠνη", "o": "оοσ0Οօꓳ",
    "p": "рρᏢꓑ", "q": "ԛզ", "r": "гᏒꓣʀ", "s": "ѕՏᏚꓢ5$", "t": "тτᎢꓔŧ", "u": "υսцꓴ", "v": "ѵᏙꓦ", "w": "ωшԝᎳꓪ",
    "x": "хχꓫ", "y": "уүγᎩꓬ", "z": "ᏃꓜΖ2",
}  # fmt: skip
_FOLD = {ord(look): ord(letter) for letter, looks in _LOOKS_LIKE.items() for look in looks + looks.lower()}

WELL_KNOWN = (
    "1INCH", "AAVE", "ARB", "AVAX", "BNB", "BTC", "BUSD", "CBETH", "COMP", "CRV", "DAI", "ENS", "ETH", "FDUSD", "FRAX", "GHO",
    "LDO", "LINK", "LUSD", "MATIC", "MKR", "OP", "PEPE", "POL", "PYUSD", "RETH", "SHIB", "SNX", "STETH", "SUSHI", "TUSD", "UNI",
    "USDC", "USDD", "USDE", "USDP", "USDT", "WBTC", "WBNB", "WETH", "WSTETH", "WMATIC", "XAUT", "YFI",
)  # fmt: skip


@dataclass(frozen=True)
class StatedText:
    """A text as a contract returned it."""

    raw: bytes
    """What was stated, as far as it was there."""
    length: int
    """Bytes that it was said to have."""
    flags: frozenset[str]


def read_text(answer: bytes | None) -> StatedText | None:
    """What an ABI `string`, or the older `bytes32`, says; None when the contract says nothing.

    >>> read_text(b"MKR".ljust(32, bytes(1)))
    StatedText(raw=b'MKR', length=3, flags=frozenset({'bytes32'}))
    """
    if not answer:
        return None
    if len(answer) < 2 * _WORD:
        raw = answer.rstrip(b"\0")
        kind = "bytes32" if len(answer) == _WORD else "malformed"
        return StatedText(raw, len(raw), frozenset({kind})) if raw else None
    at = int.from_bytes(answer[:_WORD], "big")
    if at > len(answer) - _WORD:
        raw = answer.rstrip(b"\0")
        return StatedText(raw, len(raw), frozenset({"malformed"}))
    length = int.from_bytes(answer[at : at + _WORD], "big")
    raw = answer[at + _WORD : at + _WORD + min(length, len(answer))]
    if not length:
        return None
    return StatedText(raw, min(length, 2**64 - 1), frozenset({"cut"} if len(raw) < length else ()))


def clean_text(raw: bytes, *, most: int) -> tuple[str, frozenset[str]]:
    r"""What of a text may be shown, on one line and at most `most` characters, and what was odd about it.

    >>> clean_text("US\u200bDC".encode(), most=64)
    ('USDC', frozenset({'invisible_characters'}))
    """
    flags: set[str] = set()
    try:
        raw.decode()
    except UnicodeDecodeError:
        flags.add("invalid_utf8")
    text = raw[: 8 * most].decode(errors="replace")
    shown: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if odd := _oddity(character, category, marks):
            flags.add(odd)
        elif character not in _SELECTORS:
            shown.append(" " if category.startswith("Z") else character)
    clean = " ".join("".join(shown).split())
    if len(clean) > most or len(raw) > 8 * most:
        flags.add("cut")
    clean = clean[:most]
    if len({script for script in map(_script, clean) if script}) > 1:
        flags.add("mixed_scripts")
    if _URL.search(clean):
        flags.add("url")
    if _ADDRESS.search(clean):
        flags.add("address_in_text")
    return clean, frozenset(flags)


def skeleton(text: str) -> str:
    """What a text looks like: two texts with one skeleton can be mistaken for each other (TR 39, with a small table).

    >>> skeleton("USDС") == skeleton("USDC") != skeleton("USDX"), skeleton("ＷΕ𝕋Ｈ") == skeleton("WETH")
    (True, True)
    """
    compatible = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text))
    letters = "".join(character for character in compatible if unicodedata.category(character) not in {"Mn", "Cf"})
    folded = letters.translate(_FOLD).casefold().translate(_FOLD)
    return "".join(folded.split()).replace("rn", "m").replace("vv", "w")


_SKELETONS = {skeleton(symbol): symbol for symbol in WELL_KNOWN}


def looks_like(symbol: str) -> str:
    """The well-known symbol that this one is or can be mistaken for; empty when there is none.

    >>> looks_like("U5DТ"), looks_like("usdt"), looks_like("KITTY")
    ('USDT', 'USDT', '')
    """
    return _SKELETONS.get(skeleton(symbol), "")


def _oddity(character: str, category: str, marks: int) -> str:
    if character in _DIRECTION:
        return "direction_characters"
    if category == "Cc":
        return "control_characters"
    if category in {"Cf", "Co", "Cs", "Cn", "Zl", "Zp"} or character in _BLANKS:
        return "invisible_characters"
    return "stacked_marks" if marks > _MOST_MARKS else ""


def _script(character: str) -> str:
    if not character.isalpha():
        return ""
    name = unicodedata.name(character, "")
    return next((script for script in _SCRIPTS if name.startswith(script)), "")
