# pragma version 0.4.3
# Gives each account that asks one share of a token until the deadline.

from ethereum.ercs import IERC20

event Claimed:
    account: indexed(address)
    amount: uint256

token: public(immutable(address))
share: public(immutable(uint256))
deadline: public(immutable(uint256))
claimed: public(HashMap[address, bool])


@deploy
def __init__(token_: address, share_: uint256, deadline_: uint256):
    token = token_
    share = share_
    deadline = deadline_


@external
def claim():
    assert block.timestamp <= deadline, "too late"
    assert not self.claimed[msg.sender], "already claimed"
    self.claimed[msg.sender] = True
    extcall IERC20(token).transfer(msg.sender, share)
    log Claimed(account=msg.sender, amount=share)
