"""Live nodes as a source of blocks: batches of JSON-RPC, several at once, handed out in order.

Receipts come from eth_getBlockReceipts, or one by one where a node does not know it; traces come from trace_block, else from
debug_traceBlockByNumber, else there are none. A block is asked for by number, and its receipts and traces must name its hash, so
a node that changes its mind in between is noticed and asked again. What is wrong with an answer is said with node and block; a
wrong answer is never handed out.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from weakref import WeakSet

from chainsight.errors import NodeLies, NodeRefused, NodesDisagree, SourceError
from ingest.block_answers import (
    BlockAnswer,
    read_block,
    read_debug_traces,
    read_receipts,
    read_single_receipts,
    read_tagged,
    read_traces,
)
from ingest.call_traces import TRACER
from ingest.calls import Call, read_quantity
from ingest.endpoints import Endpoint, Endpoints, Patience, Stopped, Turn
from ingest.limiter import Limiter, Pace
from ingest.prefetch import BrokenOff, Window
from ingest.source import RawBlock, Reach, batch_bytes
from ingest.troubles import Kind, Trouble

GET_BLOCK = "eth_getBlockByNumber"
GET_RECEIPTS = "eth_getBlockReceipts"
GET_RECEIPT = "eth_getTransactionReceipt"
TRACE_BLOCK = "trace_block"
DEBUG_TRACE = "debug_traceBlockByNumber"
_TRACERS = (TRACE_BLOCK, DEBUG_TRACE)
# Where a node does not say what is safe and final: two epochs back nothing has been undone since the merge.
_SAFE_DEPTH, _FINALIZED_DEPTH = 32, 64
_TAGS = ("latest", "safe", "finalized")
DEFAULT_PACE = Pace()
DEFAULT_PATIENCE = Patience()
# Blocks and traces are two questions: between them the chain may have turned.
_ROUNDS, _TRIES_A_ROUND = 3, 2
# So often a node says that it cannot trace before it is believed: of several machines behind one URL one may not.
_DECLINES = 3
_REQUEST_BYTES = 6 << 20
_BATCHES_AHEAD = 2
_RECEIPTS_AT_ONCE = 100
_REMEMBERED = 20_000


class RpcSource:
    """A `ChainSource` over one or several nodes of one chain: http(s)://, ws(s):// or the path of an IPC socket."""

    kind = "rpc"

    def __init__(
        self,
        urls: str | Sequence[str],
        *,
        pace: Pace = DEFAULT_PACE,
        patience: Patience = DEFAULT_PATIENCE,
        ahead_bytes: int = 0,
    ) -> None:
        """Nothing is sent yet; a wrong URL shows at the first question. The first URL is preferred, the others stand in.

        ahead_bytes: JSON that waits for whoever reads; 0 means two batches.
        """
        self.endpoints = Endpoints([urls] if isinstance(urls, str) else urls, limiter=Limiter(pace), patience=patience)
        self.location = ", ".join(endpoint.name for endpoint in self.endpoints.all)
        self._workers = pace.most_width
        self._patience_a_round = replace(patience, tries=min(_TRIES_A_ROUND, patience.tries))
        self._ahead_bytes = ahead_bytes or _BATCHES_AHEAD * batch_bytes()
        self._given: OrderedDict[int, Endpoint] = OrderedDict()
        self._traced: OrderedDict[int, Endpoint] = OrderedDict()
        self._goes_by_depth = False
        self._windows: WeakSet[Window] = WeakSet()

    def chain_id(self) -> int:
        """What eth_chainId says. Raises `NodesDisagree` when the nodes are of different chains."""
        told = self.endpoints.ask_each([Call("eth_chainId", ())], "eth_chainId")
        found = {endpoint: read_quantity(answers[0]) for endpoint, answers in told.items()}
        first, chain = next(iter(found.items()))
        for endpoint, other in found.items():
            if other != chain:
                raise NodesDisagree(first.name, chain, endpoint.name, other)
        return chain

    def reach(self) -> Reach:
        """Genesis, the newest block of the node that is furthest, and the newest that every node calls safe, and final.

        One node that says too much cannot make a block final that the others still doubt; what was caught lying is not
        believed while another one is left. Where none says what is safe or final, these are taken to be 32 and 64 blocks
        back; `notes` says so then.
        """
        told = self.endpoints.ask_each([Call(GET_BLOCK, (tag, False)) for tag in _TAGS], "its newest block")
        said = {endpoint: [read_tagged(answer) for answer in answers] for endpoint, answers in told.items()}
        for endpoint, numbers in said.items():
            endpoint.head = numbers[0]
        trusted = [numbers for endpoint, numbers in said.items() if not endpoint.distrusted] or list(said.values())
        heads, safes, finals = ([number for number in of if number is not None] for of in zip(*trusted, strict=True))
        if not heads:
            raise NodeRefused(
                f"{self.location} gives no number of its newest block.",
                next_step="Check the URL, or name another node.",
            )
        head = max(heads)
        self._goes_by_depth = not (safes and finals)
        safe = min(safes, default=max(head - _SAFE_DEPTH, 0))
        final = min(finals, default=max(head - _FINALIZED_DEPTH, 0))
        return Reach(0, head, min(safe, head), min(final, safe, head))

    def read(self, first: int, last: int) -> Iterator[RawBlock]:
        """See `ChainSource.read`; blocks are fetched ahead in threads, and an error comes where its block would have come.

        Raises `NodeRefused` when no node gives a block, `NodeLies` when what they give is wrong.
        """
        window = Window(
            first,
            last,
            self._fetch,
            span=self._span,
            workers=self._workers,
            most_bytes=self._ahead_bytes,
        )
        self._windows.add(window)
        try:
            yield from self._alike(window)
        except BrokenOff:
            raise SourceError(
                f"The reading of blocks {first} to {last} was broken off.",
                next_step="Repeat; what was committed stays.",
            ) from None

    def _alike(self, window: Window) -> Iterator[RawBlock]:
        """The same blocks, as long as all of them have traces or none has."""
        has_traces: bool | None = None
        for raw in window:
            if has_traces is not None and has_traces != bool(raw.traces_payload):
                raise NodeRefused(
                    f"{self.location} gives traces of some blocks and says of others, from block {raw.number} or before it, that "
                    "it does not know how.",
                    next_step="Repeat, with --rpc naming a node that traces every block; what was committed stays.",
                )
            has_traces = bool(raw.traces_payload)
            yield raw

    def distrust(self, number: int, reason: str) -> bool:
        """Block `number`, as handed out last, is wrong: its node is not asked for it again, nor for others if there is a choice.

        Close the iterator, call this, and read again from that block. False when every node has given it wrongly: reading it
        again would raise `NodeLies`, which names every node and what was wrong with it.
        """
        endpoint = (self._traced if reason.startswith("traces[") else self._given).get(number)
        for blamed in [endpoint] if endpoint is not None else self.endpoints.all:
            blamed.distrusted[number] = reason
        return any(number not in other.distrusted for other in self.endpoints.all)

    @property
    def missing(self) -> tuple[str, ...]:
        """Methods without which something is missing in the blocks: the ways to traces, once every node has declined them."""
        has_traces = any(endpoint.knows_any(_TRACERS) for endpoint in self.endpoints.all)
        return () if has_traces else _TRACERS[::-1]

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about how the nodes were read."""
        notes = []
        if self._goes_by_depth:
            notes.append(
                f"{self.location} does not say which blocks are safe or final: {_SAFE_DEPTH} and {_FINALIZED_DEPTH} blocks "
                "from the head are taken for it."
            )
        for endpoint in self.endpoints.all:
            if endpoint.distrusted:
                number, reason = next(iter(endpoint.distrusted.items()))
                notes.append(
                    f"{endpoint.name} gave {len(endpoint.distrusted)} blocks wrongly, first {number}: {reason}."
                )
        return tuple(notes)

    def close(self) -> None:
        """Let go of the connections; requests under way end, and whoever reads gets a `SourceError`."""
        for window in list(self._windows):
            window.break_off()
        self.endpoints.close()

    def _span(self, block_bytes: float) -> int:
        """How many blocks one thread fetches: what may be asked in one request, of a size that suits it."""
        batch = max(self.endpoints.limiter.batch((endpoint.name, "blocks")) for endpoint in self.endpoints.all)
        return max(min(batch, int(_REQUEST_BYTES / max(block_bytes, 1))), 1)

    def _fetch(self, first: int, last: int, stop: threading.Event) -> list[RawBlock]:
        try:
            fetched, traces = self._fetch_matching(first, last, stop)
        except Stopped:
            return []
        blocks = []
        for number, (block, receipts, endpoint) in fetched.items():
            _remember(self._given, number, endpoint)
            blocks.append(
                RawBlock(
                    number=number,
                    block_hash=block.block_hash,
                    parent_hash=block.parent_hash,
                    where=f"{endpoint.name} {GET_BLOCK} {number}",
                    payload=block.payload,
                    receipts_payload=receipts,
                    traces_payload=traces.get(number, b""),
                )
            )
        return blocks

    def _fetch_matching(
        self, first: int, last: int, stop: threading.Event
    ) -> tuple[dict[int, tuple[BlockAnswer, bytes, Endpoint]], dict[int, bytes]]:
        """Blocks with receipts, and the traces of these very blocks: where a reorg came in between, all of it anew."""
        for left in reversed(range(_ROUNDS)):
            fetched = self._blocks(first, last, stop)
            try:
                return fetched, self._traces({number: block for number, (block, _, _) in fetched.items()}, stop)
            except NodeLies:
                if not left:
                    raise
        raise AssertionError("the last round returns or raises")

    def _blocks(self, first: int, last: int, stop: threading.Event) -> dict[int, tuple[BlockAnswer, bytes, Endpoint]]:
        """Blocks and receipts, each pair from one node, in ascending order."""
        errand = self.endpoints.errand("blocks", _called("block", first, last), stop=stop)
        found: dict[int, tuple[BlockAnswer, bytes, Endpoint]] = {}
        while wanted := [number for number in range(first, last + 1) if number not in found]:
            with errand.turn(lambda endpoint: endpoint.knows_any((GET_RECEIPTS, GET_RECEIPT)), blocks=wanted) as turn:
                part = turn.part(wanted)
                for number, block, receipts in _blocks_with_receipts(turn, part):
                    found[number] = (block, receipts, turn.endpoint)
                    errand.progress()
        return dict(sorted(found.items()))

    def _traces(self, blocks: dict[int, BlockAnswer], stop: threading.Event) -> dict[int, bytes]:
        """Traces of these blocks; nothing where no node has any."""
        # Nothing runs in the first block.
        found = {number: b'{"number":"0x0","traces":[]}' for number in blocks if number == 0}
        errand = None
        while wanted := [number for number in blocks if number not in found]:
            if self.missing:
                return {}
            errand = errand or self.endpoints.errand(
                "traces", _called("traces of block", wanted[0], wanted[-1]), patience=self._patience_a_round, stop=stop
            )
            with errand.turn(lambda endpoint: endpoint.knows_any(_TRACERS), blocks=wanted) as turn:
                method = TRACE_BLOCK if turn.endpoint.knows_any((TRACE_BLOCK,)) else DEBUG_TRACE
                params = () if method == TRACE_BLOCK else (TRACER,)
                read = read_traces if method == TRACE_BLOCK else read_debug_traces
                part = turn.part(wanted)
                answers = turn.ask([Call(method, (hex(number), *params)) for number in part])
                if _declines(answers) and not turn.endpoint.gave:
                    turn.endpoint.declined[method] += 1
                    if turn.endpoint.declined[method] >= _DECLINES:
                        turn.endpoint.lacks.add(method)
                    continue
                for number, answer in zip(part, answers, strict=True):
                    try:
                        found[number] = read(answer, blocks[number])
                        turn.endpoint.gave.add(method)
                        _remember(self._traced, number, turn.endpoint)
                        errand.progress()
                    except Trouble as trouble:
                        # Taking it at its word would leave the traces out from here on, without a sign in the store.
                        wavers = trouble.kind is Kind.UNKNOWN_METHOD
                        turn.note(Trouble(Kind.WAVERS, trouble.said) if wavers else trouble)
        return found


def _remember(given: OrderedDict[int, Endpoint], number: int, endpoint: Endpoint) -> None:
    given[number] = endpoint
    while len(given) > _REMEMBERED:
        given.popitem(last=False)


def _blocks_with_receipts(turn: Turn, numbers: Sequence[int]) -> Iterator[tuple[int, BlockAnswer, bytes]]:
    """What one node gives for these blocks, those left out with which something is wrong."""
    has_receipts = turn.endpoint.knows_any((GET_RECEIPTS,))
    calls = [Call(GET_BLOCK, (hex(number), True)) for number in numbers]
    if has_receipts:
        calls += [Call(GET_RECEIPTS, (hex(number),)) for number in numbers]
    answers = turn.ask(calls)
    receipts = answers[len(numbers) :]
    if has_receipts and _declines(receipts):
        turn.endpoint.lacks.add(GET_RECEIPTS)
        has_receipts = False
    for place, number in enumerate(numbers):
        try:
            block = read_block(answers[place], number)
            read = read_receipts(receipts[place], block) if has_receipts else _receipts_one_by_one(turn, block)
        except Trouble as trouble:
            turn.note(trouble)
            continue
        yield number, block, read


def _receipts_one_by_one(turn: Turn, block: BlockAnswer) -> bytes:
    answers = []
    for start in range(0, len(block.transactions), _RECEIPTS_AT_ONCE):
        part = block.transactions[start : start + _RECEIPTS_AT_ONCE]
        answers += turn.ask([Call(GET_RECEIPT, (transaction,)) for transaction in part])
    if answers and _declines(answers):
        turn.endpoint.lacks.add(GET_RECEIPT)
    return read_single_receipts(answers, block)


def _declines(answers: Sequence[object]) -> bool:
    """Whether the node says of every call that it does not know the method."""
    return bool(answers) and all(
        isinstance(answer, Trouble) and answer.kind is Kind.UNKNOWN_METHOD for answer in answers
    )


def _called(what: str, first: int, last: int) -> str:
    return f"{what} {first}" if first == last else f"{what}s {first} to {last}"
