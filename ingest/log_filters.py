"""What logs are searched for, and what a block's bloom says about them.

A header's logsBloom is 2048 bits (yellow paper, 4.3.1, function M): each log's address and each of its topics sets three of
them. A bloom that lacks one of an item's bits proves that no log has it; one that has them all may have them from others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_

import numpy as np
import orjson

from chainsight.addresses import parse_address
from chainsight.errors import UsageError
from ingest.keccak import bloom_bits, keccak_each

_WORD_DIGITS = 64
_MOST_TOPICS = 4


@dataclass(frozen=True)
class LogFilter:
    """Addresses (any of them; empty: all) and topics by place (any of them; empty: whatever), all 0x… in lower case."""

    addresses: tuple[str, ...]
    topics: tuple[tuple[str, ...], ...]

    @property
    def text(self) -> str:
        """The same for the same question, whatever the order in which it was asked: the key of its coverage."""
        return orjson.dumps({"address": self.addresses, "topics": self.topics}).decode()

    def query(self, first: int, last: int) -> dict[str, object]:
        """The parameter of eth_getLogs for blocks first … last."""
        asked: dict[str, object] = {"fromBlock": hex(first), "toBlock": hex(last)}
        if self.addresses:
            asked["address"] = list(self.addresses)
        if self.topics:
            asked["topics"] = [list(choices) or None for choices in self.topics]
        return asked

    def matches(self, address: str, topics: Sequence[str]) -> bool:
        """Whether a log is one that is searched for."""
        if self.addresses and address.lower() not in self.addresses:
            return False
        return all(
            not choices or (place < len(topics) and topics[place].lower() in choices)
            for place, choices in enumerate(self.topics)
        )

    def may_be_in(self, bloom: int) -> bool:
        """Whether a block with this bloom may have such a log; False is a proof that it has none."""
        groups = [self.addresses, *self.topics]
        return all(not group or any(bits & bloom == bits for bits in map(_bits_of, group)) for group in groups)

    @property
    def takes_all(self) -> bool:
        """Whether every log is searched for."""
        return not self.addresses and not any(self.topics)


def log_filter(addresses: Iterable[str] = (), topics: Sequence[Sequence[str]] = ()) -> LogFilter:
    """A filter from what a person wrote; raises `BadAddress` or `UsageError`.

    >>> log_filter(["0x00000000000000000000000000000000000000AA"]).text
    '{"address":["0x00000000000000000000000000000000000000aa"],"topics":[]}'
    """
    if len(topics) > _MOST_TOPICS:
        raise UsageError(f"A log has at most 4 topics, not {len(topics)}.", next_step="Name topics for places 0 to 3.")
    places = [tuple(sorted({_word(topic) for topic in choices})) for choices in topics]
    while places and not places[-1]:
        places.pop()
    return LogFilter(tuple(sorted({"0x" + parse_address(address).hex() for address in addresses})), tuple(places))


def bloom_of(items: Iterable[str]) -> int:
    """The bloom of addresses and topics, each written 0x…."""
    bloom = 0
    for item in items:
        bloom |= _bits_of(item.lower())
    return bloom


@lru_cache(maxsize=1 << 16)
def _bits_of(item: str) -> int:
    """The three bits that one address or topic sets, as a number of 2048 bits."""
    data = np.frombuffer(bytes.fromhex(item[2:]), dtype=np.uint8)
    places = bloom_bits(keccak_each(data, np.array([0, len(data)], dtype=np.int64)))
    return reduce(or_, (1 << place for place in places[0].tolist()))


def _word(topic: str) -> str:
    digits = topic.strip().lower().removeprefix("0x")
    if len(digits) != _WORD_DIGITS or not set(digits) <= set("0123456789abcdef"):
        raise UsageError(f"{topic[:80]!r} is no topic.", next_step="A topic is 0x followed by 64 hexadecimal digits.")
    return "0x" + digits
