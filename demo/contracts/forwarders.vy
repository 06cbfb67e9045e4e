# pragma version 0.4.3
# Makes deposit addresses: one small proxy of the forwarder for each customer.

interface Forwarder:
    def set_up(wallet_: address): nonpayable

event Created:
    forwarder: indexed(address)

target: immutable(address)
wallet: immutable(address)


@deploy
def __init__(target_: address, wallet_: address):
    target = target_
    wallet = wallet_


@external
def create(salts: DynArray[bytes32, 20]):
    for salt: bytes32 in salts:
        made: address = create_minimal_proxy_to(target, salt=salt)
        extcall Forwarder(made).set_up(wallet)
        log Created(forwarder=made)
