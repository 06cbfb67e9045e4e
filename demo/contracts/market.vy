# pragma version 0.4.3
# Sells collectibles that their owners let it move; 2.5 % of the price is its fee.

interface Collection:
    def transferFrom(sender: address, receiver: address, token_id: uint256): nonpayable

event Sale:
    collection: indexed(address)
    token_id: indexed(uint256)
    seller: address
    buyer: address
    price: uint256

treasury: immutable(address)
asked: HashMap[address, HashMap[uint256, uint256]]
sellers: HashMap[address, HashMap[uint256, address]]


@deploy
def __init__():
    treasury = msg.sender


@external
def offer(collection: address, token_id: uint256, price: uint256):
    self.asked[collection][token_id] = price
    self.sellers[collection][token_id] = msg.sender


@external
@payable
def buy(collection: address, token_id: uint256):
    price: uint256 = self.asked[collection][token_id]
    seller: address = self.sellers[collection][token_id]
    assert price > 0 and msg.value == price, "not on offer at this price"
    self.asked[collection][token_id] = 0
    extcall Collection(collection).transferFrom(seller, msg.sender, token_id)
    fee: uint256 = price // 40
    raw_call(seller, b"", value=price - fee)
    raw_call(treasury, b"", value=fee)
    log Sale(collection=collection, token_id=token_id, seller=seller, buyer=msg.sender, price=price)
