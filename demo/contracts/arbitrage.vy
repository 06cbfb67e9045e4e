# pragma version 0.4.3
# Buys in one pair and sells in another within one transaction, and reverts when that earns nothing.

from ethereum.ercs import IERC20

interface Pair:
    def token0() -> address: view
    def reserve0() -> uint256: view
    def reserve1() -> uint256: view
    def swap(amount0_out: uint256, amount1_out: uint256, to: address): nonpayable

interface Wrapped:
    def deposit(): payable
    def withdraw(wad: uint256): nonpayable

weth: immutable(address)
owner: immutable(address)


@deploy
@payable
def __init__(weth_: address):
    weth = weth_
    owner = msg.sender
    extcall Wrapped(weth_).deposit(value=msg.value)


@internal
def _swap(pair: address, token_in: address, amount_in: uint256) -> uint256:
    first: bool = staticcall Pair(pair).token0() == token_in
    reserve0: uint256 = staticcall Pair(pair).reserve0()
    reserve1: uint256 = staticcall Pair(pair).reserve1()
    reserve_in: uint256 = reserve0 if first else reserve1
    reserve_out: uint256 = reserve1 if first else reserve0
    amount_out: uint256 = amount_in * 997 * reserve_out // (reserve_in * 1000 + amount_in * 997)
    extcall IERC20(token_in).transfer(pair, amount_in)
    extcall Pair(pair).swap(0 if first else amount_out, amount_out if first else 0, self)
    return amount_out


@external
def run(buy_at: address, sell_at: address, token: address, amount: uint256, bribe: uint256):
    assert msg.sender == owner, "no"
    before: uint256 = staticcall IERC20(weth).balanceOf(self)
    got: uint256 = self._swap(buy_at, weth, amount)
    self._swap(sell_at, token, got)
    assert staticcall IERC20(weth).balanceOf(self) > before + bribe, "no profit"


@external
def take(amount: uint256):
    assert msg.sender == owner, "no"
    extcall IERC20(weth).transfer(owner, amount)
