# pragma version 0.4.3
# Swaps native coin and tokens through pairs it is told of, and refuses a price that moved too far.

from ethereum.ercs import IERC20

interface Pair:
    def token0() -> address: view
    def reserve0() -> uint256: view
    def reserve1() -> uint256: view
    def swap(amount0_out: uint256, amount1_out: uint256, to: address): nonpayable

interface Wrapped:
    def deposit(): payable
    def withdraw(wad: uint256): nonpayable

weth: public(immutable(address))


@deploy
def __init__(weth_: address):
    weth = weth_


@external
@payable
def __default__():
    assert msg.sender == weth, "only from WETH"


@internal
def _swap(pair: address, token_in: address, amount_in: uint256, least: uint256, to: address) -> uint256:
    first: bool = staticcall Pair(pair).token0() == token_in
    reserve0: uint256 = staticcall Pair(pair).reserve0()
    reserve1: uint256 = staticcall Pair(pair).reserve1()
    reserve_in: uint256 = reserve0 if first else reserve1
    reserve_out: uint256 = reserve1 if first else reserve0
    amount_out: uint256 = amount_in * 997 * reserve_out // (reserve_in * 1000 + amount_in * 997)
    assert amount_out >= least, "INSUFFICIENT_OUTPUT_AMOUNT"
    extcall Pair(pair).swap(0 if first else amount_out, amount_out if first else 0, to)
    return amount_out


@external
@payable
def swapExactETHForTokens(pair: address, least: uint256, to: address, deadline: uint256):
    assert block.timestamp <= deadline, "EXPIRED"
    extcall Wrapped(weth).deposit(value=msg.value)
    extcall IERC20(weth).transfer(pair, msg.value)
    self._swap(pair, weth, msg.value, least, to)


@external
def swapExactTokensForETH(pair: address, token: address, amount: uint256, least: uint256, to: address, deadline: uint256):
    assert block.timestamp <= deadline, "EXPIRED"
    extcall IERC20(token).transferFrom(msg.sender, pair, amount)
    got: uint256 = self._swap(pair, token, amount, least, self)
    extcall Wrapped(weth).withdraw(got)
    raw_call(to, b"", value=got)


@external
def swapExactTokensForTokens(
    pair: address, token: address, amount: uint256, least: uint256, to: address, deadline: uint256
):
    assert block.timestamp <= deadline, "EXPIRED"
    extcall IERC20(token).transferFrom(msg.sender, pair, amount)
    self._swap(pair, token, amount, least, to)
