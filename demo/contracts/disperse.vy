# pragma version 0.4.3
# Sends one payment to many receivers; a receiver that refuses is skipped and its share goes back to the payer.

from ethereum.ercs import IERC20


@external
@payable
def disperseEther(receivers: DynArray[address, 100], values: DynArray[uint256, 100]):
    for i: uint256 in range(len(receivers), bound=100):
        arrived: bool = raw_call(receivers[i], b"", value=values[i], gas=60000, revert_on_failure=False)
    if self.balance > 0:
        raw_call(msg.sender, b"", value=self.balance)


@external
def disperseToken(token: address, receivers: DynArray[address, 100], values: DynArray[uint256, 100]):
    for i: uint256 in range(len(receivers), bound=100):
        extcall IERC20(token).transferFrom(msg.sender, receivers[i], values[i])
