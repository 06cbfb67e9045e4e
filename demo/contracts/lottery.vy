# pragma version 0.4.3
# Collects stakes, pays one player, and is destroyed afterwards: its rest goes to the house.

house: immutable(address)
players: DynArray[address, 100]


@deploy
def __init__():
    house = msg.sender


@external
@payable
def play():
    assert msg.value > 0, "no stake"
    self.players.append(msg.sender)


@external
def draw(pick: uint256):
    assert msg.sender == house, "not the house"
    raw_call(self.players[pick % len(self.players)], b"", value=self.balance * 9 // 10)
    selfdestruct(house)
