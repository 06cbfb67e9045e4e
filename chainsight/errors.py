"""Every error a user can meet, as one tree.

    ChainsightError                 exit 1
    ├── UsageError                  exit 2   the command was asked wrongly
    │   ├── BadAddress                       not an address of this chain
    │   ├── UnknownStore                     a DSN nobody here can open
    │   ├── UnknownName                      no such table, column, job, model …; the near ones are suggested
    │   └── TargetRefused                    where an export should go is something else, or rows of another shape
    ├── StoreError                  exit 1   the database said no
    │   ├── StoreBusy                        another process has the embedded store open
    │   ├── StoreEmpty                       nothing was ingested yet
    │   ├── StoreFull                        no space is left where the store is
    │   ├── QuestionStopped                  a reader's question cost more than it may, or was ended
    │   │   └── TooManyQuestions             as many as may run at once are running
    │   └── MigrationChanged                 an applied migration was edited
    ├── SourceError                 exit 1   blocks could not be read
    │   ├── ArchiveMissing                   no such folder or file
    │   ├── BranchChanged                    the node went over to another branch while it was read
    │   └── NodeRefused                      the node did not answer, or answered an error
    │       └── NodeLies        exit 3       what it answered is not what was asked for, and no other node helped
    ├── ExportFailed                exit 1   files of an export could not be written
    │   └── TargetFull                       no space is left where it goes
    ├── MissingComponent            exit 1   Java, the GraphFrames JAR, a model … is not installed
    ├── ChildFailed                 exit 1   a heavy job's own process ended badly
    └── DataCheckError              exit 3   the data are not what they say they are
        ├── ArchiveDamaged                   truncated or unreadable line
        ├── BlockWrong                       a block that another node may have right
        │   ├── BrokenLink                   it does not follow the one before it
        │   ├── FieldMalformed               a field that is no number, address or hash
        │   └── ProofFailed                  a hash or root does not recompute
        ├── WrongChain                       blocks of another chain than the store's
        │   └── NodesDisagree                nodes that were named together are of different chains
        └── DeepReorg                        the chain went back further than what may be withdrawn

A message is one sentence of what happened and to what, and one of what to do next.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ChainsightError(Exception):
    """Anything this program can explain. `what` names the thing; `next_step` says what to do about it."""

    exit_code = 1

    def __init__(self, what: str, *, next_step: str = "") -> None:
        self.what = what
        self.next_step = next_step
        super().__init__(f"{what} {next_step}".strip())


class UsageError(ChainsightError):
    """The command or request was asked wrongly; nothing was done."""

    exit_code = 2


class BadAddress(UsageError):
    """A text that is no address."""

    def __init__(self, text: str) -> None:
        shown = text if len(text) <= 60 else text[:57] + "..."
        super().__init__(
            f"{shown!r} is not an address.",
            next_step="An address is 0x followed by 40 hexadecimal digits.",
        )


class UnknownStore(UsageError):
    """A DSN whose scheme is not one of ours."""

    def __init__(self, dsn: str) -> None:
        super().__init__(
            f"{dsn!r} names no store.",
            next_step="Use chdb:///absolute/path for an embedded store or clickhouse://user:password@host:8123/database.",
        )


class UnknownName(UsageError):
    """Something was asked for by a name that does not exist; near names are suggested."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=3) or names[:12]
        hint = f"Did you mean {', '.join(near)}?" if near else "There is none yet."
        super().__init__(f"There is no {kind} {name!r}.", next_step=hint)


class TargetRefused(UsageError):
    """Where an export should go there is something that it would have to destroy; nothing was touched."""


class ExportFailed(ChainsightError):
    """Files of an export could not be written; what was there before is there still."""


class TargetFull(ExportFailed):
    """There is no room for an export; what was there before is there still."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"No space is left for {path}; what was there before is whole.",
            next_step="Free some space and give the same command again: it goes on with the files that were finished.",
        )


class StoreError(ChainsightError):
    """The database refused or could not be reached."""


class StoreBusy(StoreError):
    """The embedded store is open in another process, which is named."""

    def __init__(self, path: str, owner: str) -> None:
        super().__init__(
            f"The store {path} is open in {owner}.",
            next_step="An embedded store has one owner at a time: ask that process over HTTP, wait for it, or stop it.",
        )


class StoreEmpty(StoreError):
    """A question about data that was never ingested."""

    def __init__(self, missing: str, next_step: str) -> None:
        super().__init__(f"The store holds no {missing}.", next_step=next_step)


class StoreFull(StoreError):
    """There is no room for what was to be written; what was committed before stays."""

    def __init__(self, statement: str) -> None:
        super().__init__(
            f"No space is left where the store is ({statement}); what was committed before is whole.",
            next_step="Free some space and give the same command again: it goes on after what was committed.",
        )


class QuestionStopped(StoreError):
    """A reader's question was ended before it was answered; the store and everybody else's questions go on."""


class TooManyQuestions(QuestionStopped):
    """As many questions as may run at the same time are running."""

    def __init__(self, running: int, whose: str) -> None:
        super().__init__(
            f"{running} questions {whose} are running, as many as may at once.",
            next_step="Wait for one of them to end, or end one, and ask again.",
        )


class MigrationChanged(StoreError):
    """A migration that was applied to this store has another text now."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Migration {name} was applied to this store with another text.",
            next_step="Another version of chainsight made this store: use that one, or ingest into a new store (--store). "
            "Whoever edited the migration puts the change into a new one.",
        )


class SourceError(ChainsightError):
    """Blocks could not be read."""


class ArchiveMissing(SourceError):
    """A folder or file of recorded blocks is not there."""


class NodeRefused(SourceError):
    """A node did not answer, or answered with an error."""

    wants_rest: float = 0.0
    """Seconds for which it asked to be left alone."""


class NodeLies(NodeRefused):
    """Nodes gave blocks, receipts or traces that cannot be right, and none is left to ask; nothing of them was kept."""

    exit_code = 3


class BranchChanged(SourceError):
    """Blocks read one after the other do not follow each other any more: the node has another branch by now."""


class MissingComponent(ChainsightError):
    """A part of the installation is absent: Java, the GraphFrames JAR, a trained model."""


class ChildFailed(ChainsightError):
    """A heavy job runs in a process of its own; that process ended badly."""


class DataCheckError(ChainsightError):
    """The data are not what they say they are; nothing of them was kept."""

    exit_code = 3


class ArchiveDamaged(DataCheckError):
    """A recorded file ends in mid-line or holds a line that cannot be read."""


class BlockWrong(DataCheckError):
    """A block that is not what it says it is; another node may have the right one."""

    block_number: int
    field: str


class BrokenLink(BlockWrong):
    """Two blocks in a row of which the later one does not name the earlier."""

    def __init__(self, block_number: int, where: str, parent: str, expected: str) -> None:
        self.block_number = block_number
        self.field = "parentHash"
        super().__init__(
            f"{where}: block {block_number} has the parent {parent}, block {block_number - 1} has the hash {expected}.",
            next_step="The two are of different forks, and nothing of this batch was stored. If the chain turned since the "
            "stored blocks were read, `chainsight follow` takes back those that left it.",
        )


class FieldMalformed(BlockWrong):
    """A field of a block that cannot be what it should be; decoding it would give something, silently."""

    def __init__(self, block_number: int, field: str, stated: str) -> None:
        self.block_number = block_number
        self.field = field
        super().__init__(
            f"Block {block_number}: {field} is {stated!r}, which it cannot be.",
            next_step="The recording or the node is wrong; nothing from this batch was stored. Fetch the block again.",
        )


class ProofFailed(BlockWrong):
    """A hash or root computed from a block's content is not the one in its header."""

    def __init__(self, block_number: int, field: str, expected: str, computed: str) -> None:
        self.block_number = block_number
        self.field = field
        super().__init__(
            f"Block {block_number}: {field} is {expected}, its content gives {computed}.",
            next_step="The recording or the node is wrong; nothing from this batch was stored. Fetch the block again.",
        )


class WrongChain(DataCheckError):
    """Blocks of one chain offered as another's."""

    def __init__(self, expected: int, found: int, where: str) -> None:
        super().__init__(
            f"{where} is of chain {found}, not of chain {expected}.",
            next_step=f"Give --chain-id {found} to ingest it as that chain.",
        )


class NodesDisagree(WrongChain):
    """Nodes that were named together are of different chains."""

    def __init__(self, one: str, chain: int, other: str, other_chain: int) -> None:
        DataCheckError.__init__(
            self,
            f"The node {one} says it is of chain {chain}, the node {other} says it is of chain {other_chain}.",
            next_step="Name only nodes of one chain with --rpc.",
        )


class DeepReorg(DataCheckError):
    """The source has another chain than the store, from below its finalized block or the window of recent ones."""

    def __init__(self, chain_id: int, number: int, *, is_final: bool) -> None:
        self.number = number
        why = "which was final" if is_final else "the oldest one that could still be taken back"
        super().__init__(
            f"The node has another block {number:,} of chain {chain_id} than the store, {why}; nothing was withdrawn.",
            next_step="Ask another node with --rpc: this one may be on a wrong fork. If the chain itself went back so far, "
            "read it into a new --store.",
        )
