"""Where everything that is traced stands: what waits to be followed, what ended and why, and what flowed between whom."""

from __future__ import annotations

from collections.abc import Mapping

from chainsight.errors import DataCheckError
from graph.tracing.flow_graph import End, Flow, Statement
from graph.tracing.lots import NOTHING, Parcel
from graph.tracing.pages import Asset, TransferKey

Node = tuple[bytes, Asset]
"""An address, and what it has of the traced money."""
Spot = tuple[TransferKey, int, int]
"""The transfer with which a parcel came, its time in seconds, and its hops from the beginning."""


class Standing:
    """Parcels by where they are."""

    def __init__(self) -> None:
        self.waiting: dict[Node, dict[Spot, Parcel]] = {}
        self.ends: dict[End, Parcel] = {}
        self._flows: dict[tuple[bytes, bytes, Asset, Asset, int, bool], Flow] = {}

    @property
    def flows(self) -> list[Flow]:
        """What went from whom to whom, as what, at which hop."""
        return list(self._flows.values())

    def wait(self, address: bytes, asset: Asset, spot: Spot, parcel: Parcel) -> None:
        """To be followed on from there."""
        waiting = self.waiting.setdefault((address, asset), {})
        waiting[spot] = waiting[spot].plus(parcel) if spot in waiting else parcel

    def record(
        self, giver: bytes, receiver: bytes, asset: Asset, before: Asset, hop: int, parcel: Parcel, key: TransferKey,
        seconds: int, is_redirect: bool,
    ) -> None:  # fmt: skip
        """A parcel went from one to another; `before` is what it was until then."""
        name = (giver, receiver, asset, before, hop, is_redirect)
        flow = self._flows.get(name)
        if flow is None:
            flow = Flow(giver, receiver, asset, hop, before, NOTHING, 0, seconds, seconds, is_redirect=is_redirect)
            self._flows[name] = flow
        flow.add(parcel, (key.block, key.transaction), seconds)

    def end_all(self, address: bytes, asset: Asset, reason: str, parcels: Mapping[Spot, Parcel]) -> None:
        """Several parcels of one address for one reason."""
        by_hop: dict[int, Parcel] = {}
        for (_, _, hop), parcel in parcels.items():
            by_hop[hop] = by_hop[hop].plus(parcel) if hop in by_hop else parcel
        for hop, parcel in by_hop.items():
            self.end(address, asset, reason, hop, parcel)

    def end_waiting(self, reason: str) -> None:
        """Everything that still waits."""
        for (address, asset), parcels in self.waiting.items():
            self.end_all(address, asset, reason, parcels)
        self.waiting = {}

    def end(
        self, address: bytes, asset: Asset, reason: str, hop: int, parcel: Parcel, said: Statement | None = None
    ) -> None:
        """A parcel is followed no further, at a service of that label where there is one."""
        if parcel.worth or parcel.amount:
            end = End(address, asset, reason, said.category if said else "", said.actor if said else "", hop)
            self.ends[end] = self.ends[end].plus(parcel) if end in self.ends else parcel

    def check(self, total: int, policy: str) -> None:
        """Nothing of the total is lost or made; raises `DataCheckError` otherwise."""
        waiting = sum(parcel.worth for parcels in self.waiting.values() for parcel in parcels.values())
        ended = sum(parcel.worth for parcel in self.ends.values())
        if waiting + ended != total:
            raise DataCheckError(
                f"Tracing with {policy} lost {total - waiting - ended} of {total} units.",
                next_step="This is a defect of chainsight; please report the address and the command.",
            )
