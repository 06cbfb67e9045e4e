# pragma version 0.4.3
# Wrapped native coin: Deposit and Withdrawal are its mint and burn, as on the public chain.

event Deposit:
    dst: indexed(address)
    wad: uint256

event Withdrawal:
    src: indexed(address)
    wad: uint256

event Transfer:
    src: indexed(address)
    dst: indexed(address)
    wad: uint256

event Approval:
    src: indexed(address)
    guy: indexed(address)
    wad: uint256

name: public(constant(String[16])) = "Wrapped Ether"
symbol: public(constant(String[8])) = "WETH"
decimals: public(constant(uint8)) = 18
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])


@external
@view
def totalSupply() -> uint256:
    return self.balance


@internal
def _deposit(who: address, wad: uint256):
    self.balanceOf[who] += wad
    log Deposit(dst=who, wad=wad)


@external
@payable
def deposit():
    self._deposit(msg.sender, msg.value)


@external
@payable
def __default__():
    self._deposit(msg.sender, msg.value)


@external
def withdraw(wad: uint256):
    self.balanceOf[msg.sender] -= wad
    log Withdrawal(src=msg.sender, wad=wad)
    raw_call(msg.sender, b"", value=wad)


@external
def approve(guy: address, wad: uint256) -> bool:
    self.allowance[msg.sender][guy] = wad
    log Approval(src=msg.sender, guy=guy, wad=wad)
    return True


@internal
def _move(src: address, dst: address, wad: uint256):
    self.balanceOf[src] -= wad
    self.balanceOf[dst] += wad
    log Transfer(src=src, dst=dst, wad=wad)


@external
def transfer(dst: address, wad: uint256) -> bool:
    self._move(msg.sender, dst, wad)
    return True


@external
def transferFrom(src: address, dst: address, wad: uint256) -> bool:
    if src != msg.sender and self.allowance[src][msg.sender] != max_value(uint256):
        self.allowance[src][msg.sender] -= wad
    self._move(src, dst, wad)
    return True
