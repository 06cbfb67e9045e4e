# pragma version 0.4.3
# An ERC-721 collection that anybody may mint from at a price.

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    token_id: indexed(uint256)

event ApprovalForAll:
    owner: indexed(address)
    operator: indexed(address)
    approved: bool

name: public(String[32])
symbol: public(String[8])
price: public(immutable(uint256))
artist: public(immutable(address))
totalSupply: public(uint256)
ownerOf: public(HashMap[uint256, address])
balanceOf: public(HashMap[address, uint256])
isApprovedForAll: public(HashMap[address, HashMap[address, bool]])


@deploy
def __init__(name: String[32], symbol: String[8], price_: uint256):
    self.name = name
    self.symbol = symbol
    price = price_
    artist = msg.sender


@external
@payable
def mint():
    assert msg.value == price, "wrong price"
    token_id: uint256 = self.totalSupply
    self.totalSupply += 1
    self.ownerOf[token_id] = msg.sender
    self.balanceOf[msg.sender] += 1
    log Transfer(sender=empty(address), receiver=msg.sender, token_id=token_id)


@external
def setApprovalForAll(operator: address, approved: bool):
    self.isApprovedForAll[msg.sender][operator] = approved
    log ApprovalForAll(owner=msg.sender, operator=operator, approved=approved)


@external
def transferFrom(sender: address, receiver: address, token_id: uint256):
    assert self.ownerOf[token_id] == sender, "not the owner"
    assert msg.sender == sender or self.isApprovedForAll[sender][msg.sender], "not allowed"
    self.ownerOf[token_id] = receiver
    self.balanceOf[sender] -= 1
    self.balanceOf[receiver] += 1
    log Transfer(sender=sender, receiver=receiver, token_id=token_id)


@external
def collect():
    assert msg.sender == artist, "not the artist"
    raw_call(artist, b"", value=self.balance)
