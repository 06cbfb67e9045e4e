# pragma version 0.4.3
# An ERC-1155 collection: game items in editions, sold one by one or in packs.

event TransferSingle:
    operator: indexed(address)
    sender: indexed(address)
    receiver: indexed(address)
    id: uint256
    value: uint256

event TransferBatch:
    operator: indexed(address)
    sender: indexed(address)
    receiver: indexed(address)
    ids: DynArray[uint256, 16]
    values: DynArray[uint256, 16]

price: public(immutable(uint256))
studio: public(immutable(address))
balanceOf: public(HashMap[address, HashMap[uint256, uint256]])


@deploy
def __init__(price_: uint256):
    price = price_
    studio = msg.sender


@external
@payable
def buy(id: uint256, amount: uint256):
    assert msg.value == price * amount, "wrong price"
    self.balanceOf[msg.sender][id] += amount
    log TransferSingle(operator=msg.sender, sender=empty(address), receiver=msg.sender, id=id, value=amount)
    raw_call(studio, b"", value=msg.value)


@external
@payable
def buyPack(ids: DynArray[uint256, 16], values: DynArray[uint256, 16]):
    total: uint256 = 0
    for i: uint256 in range(len(ids), bound=16):
        self.balanceOf[msg.sender][ids[i]] += values[i]
        total += values[i]
    assert msg.value == price * total, "wrong price"
    log TransferBatch(operator=msg.sender, sender=empty(address), receiver=msg.sender, ids=ids, values=values)
    raw_call(studio, b"", value=msg.value)


@external
def safeTransferFrom(sender: address, receiver: address, id: uint256, amount: uint256, data: Bytes[64]):
    assert msg.sender == sender, "not the owner"
    self.balanceOf[sender][id] -= amount
    self.balanceOf[receiver][id] += amount
    log TransferSingle(operator=msg.sender, sender=sender, receiver=receiver, id=id, value=amount)


@external
def safeBatchTransferFrom(
    sender: address, receiver: address, ids: DynArray[uint256, 16], values: DynArray[uint256, 16], data: Bytes[64]
):
    assert msg.sender == sender, "not the owner"
    for i: uint256 in range(len(ids), bound=16):
        self.balanceOf[sender][ids[i]] -= values[i]
        self.balanceOf[receiver][ids[i]] += values[i]
    log TransferBatch(operator=msg.sender, sender=sender, receiver=receiver, ids=ids, values=values)
