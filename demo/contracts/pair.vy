# pragma version 0.4.3
# A constant-product pair of two tokens with a fee of 0.3 %; its events have the public v2 pairs' signatures.

from ethereum.ercs import IERC20

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    value: uint256

event Mint:
    sender: indexed(address)
    amount0: uint256
    amount1: uint256

event Burn:
    sender: indexed(address)
    amount0: uint256
    amount1: uint256
    to: indexed(address)

event Swap:
    sender: indexed(address)
    amount0In: uint256
    amount1In: uint256
    amount0Out: uint256
    amount1Out: uint256
    to: indexed(address)

event Sync:
    reserve0: uint112
    reserve1: uint112

token0: public(immutable(address))
token1: public(immutable(address))
reserve0: public(uint256)
reserve1: public(uint256)
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])


@deploy
def __init__(a: address, b: address):
    token0 = a
    token1 = b


@internal
def _sync(balance0: uint256, balance1: uint256):
    self.reserve0 = balance0
    self.reserve1 = balance1
    log Sync(reserve0=convert(balance0, uint112), reserve1=convert(balance1, uint112))


@external
def mint(to: address) -> uint256:
    balance0: uint256 = staticcall IERC20(token0).balanceOf(self)
    balance1: uint256 = staticcall IERC20(token1).balanceOf(self)
    amount0: uint256 = balance0 - self.reserve0
    amount1: uint256 = balance1 - self.reserve1
    shares: uint256 = 0
    if self.totalSupply == 0:
        shares = isqrt(amount0 * amount1)
    else:
        shares = min(amount0 * self.totalSupply // self.reserve0, amount1 * self.totalSupply // self.reserve1)
    assert shares > 0, "nothing added"
    self.totalSupply += shares
    self.balanceOf[to] += shares
    log Transfer(sender=empty(address), receiver=to, value=shares)
    self._sync(balance0, balance1)
    log Mint(sender=msg.sender, amount0=amount0, amount1=amount1)
    return shares


@external
def burn(shares: uint256, to: address):
    amount0: uint256 = shares * self.reserve0 // self.totalSupply
    amount1: uint256 = shares * self.reserve1 // self.totalSupply
    self.balanceOf[msg.sender] -= shares
    self.totalSupply -= shares
    log Transfer(sender=msg.sender, receiver=empty(address), value=shares)
    extcall IERC20(token0).transfer(to, amount0)
    extcall IERC20(token1).transfer(to, amount1)
    self._sync(self.reserve0 - amount0, self.reserve1 - amount1)
    log Burn(sender=msg.sender, amount0=amount0, amount1=amount1, to=to)


@external
def swap(amount0_out: uint256, amount1_out: uint256, to: address):
    assert amount0_out < self.reserve0 and amount1_out < self.reserve1, "too much"
    if amount0_out > 0:
        extcall IERC20(token0).transfer(to, amount0_out)
    if amount1_out > 0:
        extcall IERC20(token1).transfer(to, amount1_out)
    balance0: uint256 = staticcall IERC20(token0).balanceOf(self)
    balance1: uint256 = staticcall IERC20(token1).balanceOf(self)
    in0: uint256 = balance0 - (self.reserve0 - amount0_out)
    in1: uint256 = balance1 - (self.reserve1 - amount1_out)
    left: uint256 = (balance0 * 1000 - in0 * 3) * (balance1 * 1000 - in1 * 3)
    assert left >= self.reserve0 * self.reserve1 * 1000000, "K"
    self._sync(balance0, balance1)
    log Swap(
        sender=msg.sender, amount0In=in0, amount1In=in1, amount0Out=amount0_out, amount1Out=amount1_out, to=to
    )
