# pragma version 0.4.3
# Code that an ordinary account may delegate to (EIP-7702): its owner sends several payments in one transaction.


@external
@payable
def __default__():
    pass


@external
@payable
def pay(receivers: DynArray[address, 8], values: DynArray[uint256, 8]):
    assert msg.sender == self, "only the owner"
    for i: uint256 in range(len(receivers), bound=8):
        raw_call(receivers[i], b"", value=values[i])
