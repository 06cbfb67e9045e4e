"""The steps of the line from raw tables to a publication, in order, each callable alone.

`scheduler/pipeline.py` runs them once, `scheduler/jobs.py` by the clock. A step gets the store, the chain and a
progress to report to, and returns what it has to say. Stages are imported when a step runs: to list jobs nobody should
wait for torch or Spark.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from chainsight.errors import StoreEmpty
from chainsight.progress import Progress
from scheduler.publish import publish
from sql.check import check, require
from sql.derive import derive as derive_tables
from sql.store import Store

Step: TypeAlias = Callable[[Store, int, Progress], object]


def derive(store: Store, chain_id: int, progress: Progress) -> object:
    """Every derived table, for the blocks that changed; raises `DataCheckError` when a check finds something."""
    done = derive_tables(store, chain_id=chain_id, progress=progress)
    require(done.failures)
    return done


def inspect(store: Store, chain_id: int, progress: Progress) -> object:
    """What must never be in the tables; raises `DataCheckError` naming the checks that fail and their first rows."""
    require(check(store, chain_id=chain_id))
    return "nothing that must not be"


def measure(store: Store, chain_id: int, progress: Progress) -> object:
    """Measures of the address graph on GraphFrames."""
    from graph.build import build_graph

    return build_graph(store, chain_id=chain_id, engine="spark", progress=progress)


def measure_in_memory(store: Store, chain_id: int, progress: Progress) -> object:
    """The same measures by the local engine."""
    from graph.build import build_graph

    return build_graph(store, chain_id=chain_id, engine="local", progress=progress)


def detect(store: Store, chain_id: int, progress: Progress) -> object:
    """Named suspicious behaviours."""
    from graph.typologies.findings import find_typologies

    return find_typologies(store, chain_id=chain_id, progress=progress)


def unite(store: Store, chain_id: int, progress: Progress) -> object:
    """Entities: addresses that one owner seems to control."""
    from graph.entities.build import build_entities

    return build_entities(store, chain_id=chain_id, progress=progress)


def segment(store: Store, chain_id: int, progress: Progress) -> object:
    """Ways of behaving: in which segment each address is today; where nothing moved for a month there is nothing to say."""
    from graph.segments.build import build_segments

    try:
        return build_segments(store, chain_id=chain_id, progress=progress)
    except StoreEmpty as nothing:
        return nothing


def describe(store: Store, chain_id: int, progress: Progress) -> object:
    """Features of every address, of those anew that new blocks touched."""
    from models.features.build import update_features

    return update_features(store, chain_id=chain_id, progress=progress)


def learn_wallets(store: Store, chain_id: int, progress: Progress) -> object:
    """A wallet model from what is labelled now."""
    from models.train import train_wallets

    return train_wallets(store, chain_id=chain_id, progress=progress)


def learn_flows(store: Store, chain_id: int, progress: Progress) -> object:
    """A ranker of next counterparties."""
    from models.train import train_flows

    return train_flows(store, chain_id=chain_id, progress=progress)


def foretell(store: Store, chain_id: int, progress: Progress) -> object:
    """Predictions for every address, forecasts for active ones."""
    from models.predict import predict

    return predict(store, chain_id=chain_id, progress=progress)


def announce(store: Store, chain_id: int, progress: Progress) -> object:
    """Scores, risk labels and recommendations; nothing when nothing changed."""
    return publish(store, chain_id=chain_id, progress=progress)
