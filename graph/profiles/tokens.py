"""What a token is called: by its symbol where a list gives it that by right, and by symbol and contract where anybody could."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chainsight.chains import chain_settings
from graph.profiles.habits import NOBODY
from sql.files import load
from sql.store import Store


@dataclass(frozen=True)
class Token:
    """What is known of a token; the native coin is one.

    >>> str(Token("USDT", 6)), str(Token("USDT", 6, bytes(19) + b"1", is_listed=False, imitates="USDT"))
    ('USDT', 'USDT (imitates USDT, 0x0000…0031)')
    """

    symbol: str
    """As its source states it; empty when unknown."""
    decimals: int | None
    address: bytes = NOBODY
    is_listed: bool = True
    """Whether a list names it: what a contract calls itself proves nothing."""
    imitates: str = ""
    """Symbol of a listed token that this one can be mistaken for."""

    def __str__(self) -> str:
        short = f"0x{self.address.hex()[:4]}…{self.address.hex()[-4:]}"
        if not self.symbol:
            return short
        if self.imitates:
            return f"{self.symbol} (imitates {self.imitates}, {short})"
        return self.symbol if self.is_listed else f"{self.symbol} (unproven, {short})"


def read_tokens(store: Store, chain_id: int, tokens: Iterable[bytes]) -> dict[bytes, Token]:
    """Each of these tokens, unknown ones without a symbol, and the native coin."""
    chain = chain_settings(chain_id)
    wanted = {*tokens} - {NOBODY}
    rows = store.query(
        load("behaviour/profile_tokens"), chain_id=chain_id, tokens=sorted(token.hex().upper() for token in wanted)
    ).to_pylist()
    known = {
        (key := bytes.fromhex(row["token"])): Token(
            row["symbol"], row["decimals"], key, bool(row["is_listed"]), row["imitates"]
        )
        for row in rows
    }
    nothing = {token: Token("", None, token, is_listed=False) for token in wanted - known.keys()}
    return {**known, **nothing, NOBODY: Token(chain.native_symbol, chain.native_decimals)}


def show_amount(amount: int, token: Token) -> str:
    """An amount for people: in whole units with the token's name, or in smallest units where the decimals are not known.

    >>> show_amount(1_500_000, Token("USDT", 6)), show_amount(-(10**18) // 3, Token("ETH", 18))
    ('1.5 USDT', '-0.333333 ETH')
    >>> show_amount(7, Token("", None, bytes(20), is_listed=False))
    '7 smallest units of 0x0000…0000'
    """
    if token.decimals is None:
        return f"{amount:,} smallest units of {token}"
    # Display only: what was exact up to here may lose digits now.
    value = amount / 10**token.decimals
    return f"{value:,.6g} {token}" if abs(value) < 1e6 else f"{value:,.0f} {token}"


def show_holding(amount: int, token: Token) -> str:
    """What somebody has, for people; less than nothing where it had some before the first block of the store.

    >>> show_holding(5 * 10**17, Token("ETH", 18)), show_holding(-(10**18), Token("ETH", 18))
    ('0.5 ETH', 'not known: it gave 1 ETH more than came in the blocks of the store')
    """
    if amount < 0:
        return f"not known: it gave {show_amount(-amount, token)} more than came in the blocks of the store"
    return show_amount(amount, token)
