"""What the features of wallets would be, had their histories been other ones: by the SQL of the real features, all at once.

Each variant stands under an address of its own in a session where temporary tables are in front of `transactions`, `transfers`
and the feature tables (sql/shadows.py). Then sql/features/ and sql/words/spoken.sql run as they are: nothing is computed here.
The real tables are not touched, and a build beside it is not disturbed.

What neighbours do is not computed: whoever scores a variant holds the stored columns of its wallet (models/whatif/scoring.py).
So a variant is a change of what the wallet does among neighbours that stay what they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from models.features.build import describe
from models.features.matrix import FURTHER_GROUPS, OWN_GROUPS, WHOLE_LIFE, Matrix, feature_names, read_features
from models.wallets.model import moves_of
from models.wallets.words import Words, no_words, read_words
from models.whatif.moves import WalletMoves
from sql.files import load, load_folder
from sql.shadows import emptied, shadowed
from sql.store import Parameter, Store

_FACTS = ("transactions", "transfers")
_MARK = b"chainsight-v"
"""Variants' addresses begin with it; their place among the variants follows in eight bytes."""


@dataclass(frozen=True)
class VariantFeatures:
    """What the variants look like, in the order in which they were given."""

    names: tuple[str, ...]
    """Columns of `OWN_GROUPS`, as `read_features` orders them."""
    values: Matrix
    """Variants × names; a row of NaN for a variant without a move."""
    words: Words

    def __len__(self) -> int:
        return len(self.values)

    def moves(self) -> np.ndarray:
        """How many moves each variant has, of the native coin and of tokens."""
        return moves_of(self.values, self.names)


class Rehearsal:
    """A session that describes one batch of variants after the other."""

    def __init__(self, session: Store, *, chain_id: int, to_block: int) -> None:
        self._session = session
        self._chain_id = chain_id
        self._to_block = to_block

    @classmethod
    @contextmanager
    def open(cls, store: Store, *, chain_id: int, to_block: int) -> Iterator[Rehearsal]:
        """Rows after `to_block` do not count."""
        with shadowed(store, (*_FACTS, *OWN_GROUPS)) as session:
            for table in (*load_folder("feature_tables"), *load_folder("variant_tables")):
                session.command(table)
            # Statements over a few thousand rows are mostly analysis: waking threads for them takes longer than it saves.
            session.command("SET max_threads = 1")
            yield cls(session, chain_id=chain_id, to_block=to_block)

    def features(self, variants: Sequence[WalletMoves], *, with_words: bool = True) -> VariantFeatures:
        """Features and words of all variants in one go; they may be of different wallets. Silent where nobody listens."""
        if not variants:
            names = tuple(name for group in OWN_GROUPS for name in feature_names(self._session, group))
            return VariantFeatures(names, np.zeros((0, len(names)), np.float32), no_words(0))
        addresses = [_MARK + place.to_bytes(8, "big") for place in range(len(variants))]
        self._tell(variants, addresses)
        bounds: dict[str, Parameter] = {"life_seconds": WHOLE_LIFE, "of_everybody": 0}
        describe(self._session, self._chain_id, self._to_block, 1, bounds, without=FURTHER_GROUPS)
        matrix = read_features(self._session, chain_id=self._chain_id, groups=OWN_GROUPS)
        words = no_words(len(variants))
        if with_words:
            words = read_words(self._session, addresses, chain_id=self._chain_id, to_block=self._to_block)
        return VariantFeatures(matrix.names, matrix.values_of(addresses), _naming_oneself(words, variants, addresses))

    def _tell(self, variants: Sequence[WalletMoves], addresses: Sequence[bytes]) -> None:
        """Write the variants where the SQL of the features reads facts."""
        working = [
            table.name.split("/")[1] for folder in ("feature_tables", "variant_tables") for table in load_folder(folder)
        ]
        emptied(self._session, (*_FACTS, *OWN_GROUPS, *working))
        self._session.insert("feature_scope", pa.table({"address": pa.array(addresses, pa.binary(20))}))
        for table, parts in (
            ("variant_native_moves", [moves.native for moves in variants]),
            ("variant_token_moves", [moves.tokens for moves in variants]),
        ):
            self._session.insert(table, _under_addresses(parts, variants, addresses))
        for statement in (load("whatif/transactions"), load("whatif/transfers")):
            self._session.command(statement, chain_id=self._chain_id)


def features_of_variants(
    store: Store, variants: Sequence[WalletMoves], *, chain_id: int, to_block: int
) -> VariantFeatures:
    """The features and words of each variant as of a block, rows in the order of the variants.

    For several batches keep a `Rehearsal` open: a session costs as much as a small batch.
    """
    with Rehearsal.open(store, chain_id=chain_id, to_block=to_block) as rehearsal:
        return rehearsal.features(variants)


def _under_addresses(
    parts: Sequence[pa.Table], variants: Sequence[WalletMoves], addresses: Sequence[bytes]
) -> pa.Table:
    """All variants' moves below each other, each with its address, also where a wallet pays itself."""
    told = pa.concat_tables(parts)
    sizes = [part.num_rows for part in parts]
    own = [address for address, size in zip(addresses, sizes, strict=True) for _ in range(size)]
    real = [moves.address for moves, size in zip(variants, sizes, strict=True) for _ in range(size)]
    met = told.column("counterparty").to_pylist()
    others = [who if other == was else other for other, was, who in zip(met, real, own, strict=True)]
    told = told.set_column(told.column_names.index("counterparty"), "counterparty", pa.array(others, pa.binary(20)))
    return told.append_column("address", pa.array(own, pa.binary(20)))


def _naming_oneself(words: Words, variants: Sequence[WalletMoves], addresses: Sequence[bytes]) -> Words:
    """A wallet that pays itself says its own name, not that of the variant."""
    names = {address.hex(): moves.address.hex() for address, moves in zip(addresses, variants, strict=True)}
    mark = _MARK.hex()
    said = [word[0] + names[word[1:]] if word[1:].startswith(mark) else word for word in words.word]
    return replace(words, word=np.array(said, dtype=object))
