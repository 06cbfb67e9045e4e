# pragma version 0.4.3
# A customer's deposit address as a contract: native coin goes on to the exchange's wallet at once, tokens when told.

from ethereum.ercs import IERC20

wallet: public(address)


@external
def set_up(wallet_: address):
    assert self.wallet == empty(address), "set up before"
    self.wallet = wallet_


@external
@payable
def __default__():
    raw_call(self.wallet, b"", value=msg.value)


@external
def flush(token: address):
    extcall IERC20(token).transfer(self.wallet, staticcall IERC20(token).balanceOf(self))
