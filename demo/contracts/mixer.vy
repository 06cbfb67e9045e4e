# pragma version 0.4.3
# A pool of equal notes: whoever knows a deposit's secret may draw one note to any address, through any relayer.

event Deposit:
    commitment: indexed(bytes32)
    leaf: uint256
    timestamp: uint256

event Withdrawal:
    to: address
    nullifier: bytes32
    relayer: indexed(address)
    fee: uint256

note: public(immutable(uint256))
leaves: public(uint256)
waiting: HashMap[bytes32, bool]
spent: HashMap[bytes32, bool]


@deploy
def __init__(note_: uint256):
    note = note_


@external
@payable
def deposit(commitment: bytes32):
    assert msg.value == note, "send exactly one note"
    assert not self.waiting[commitment], "commitment known"
    self.waiting[commitment] = True
    log Deposit(commitment=commitment, leaf=self.leaves, timestamp=block.timestamp)
    self.leaves += 1


@external
def withdraw(secret: bytes32, to: address, relayer: address, fee: uint256):
    assert self.waiting[keccak256(secret)], "no such note"
    nullifier: bytes32 = keccak256(concat(secret, b"spent"))
    assert not self.spent[nullifier], "note was spent"
    assert fee < note, "fee too high"
    self.spent[nullifier] = True
    raw_call(to, b"", value=note - fee)
    if fee > 0:
        raw_call(relayer, b"", value=fee)
    log Withdrawal(to=to, nullifier=nullifier, relayer=relayer, fee=fee)
