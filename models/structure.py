"""How badly each address of a chain fits into its graph, as predictions say it: the second channel that knows no label.

`models/anomalies.py` looks at an address alone, this at the address among those it deals with (models/encoders/autoencoder.py).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from chainsight.child import run_child
from chainsight.errors import ChildFailed
from chainsight.progress import SILENT, Progress
from chainsight.settings import settings
from models.encoders.moves import write_graph
from models.features.matrix import FeatureMatrix
from models.predictor import Scores
from models.workplaces import content_digest, workplace
from sql.store import Store

PLAN = {"fan_out": (8, 4), "batch": 512, "epochs": 6, "batches": 40, "patience": 2, "rate": 3e-3}
"""Fields of `Plan` in models/encoders/checkpoints.py, which cannot be imported here: torch and the store do not meet."""
FEWEST_ADDRESSES = 10_000
"""Of smaller chains nothing is said: their neighbourhoods are too few to learn from, and torch takes longer to start than all
other predictions together."""


def structure_anomaly(
    store: Store, matrix: FeatureMatrix, *, chain_id: int, seed: int = 0, progress: Progress = SILENT
) -> Scores:
    """Of each address of the matrix the share of addresses that fit better, 0 to 1; NaN where nothing can be said.

    Learns anew each time, in a child process, up to the matrix's as-of block, and goes on where the same was killed. A child that
    dies, such as for want of memory, is noted and leaves NaN everywhere: no other channel waits for this one.
    """
    found = np.full(len(matrix.addresses), np.nan)
    if len(matrix.addresses) < FEWEST_ADDRESSES:
        return found

    def prepare(folder: Path) -> tuple[object, ...]:
        write_graph(store, matrix, folder / "graph", chain_id=chain_id)
        job = json.dumps({"seed": seed, "plan": PLAN})
        (folder / "job.json").write_text(job, encoding="utf-8")
        return content_digest(folder / "graph"), job, settings().training_threads

    with workplace(settings().exchange_dir, "structure", chain_id=chain_id, prepare=prepare) as place:
        arguments, log = [str(place.folder)], place.folder.parent / "structure.log"
        try:
            run_child("models.encoders.structure_job", arguments, log=log, progress=progress, holding=(place.lock,))
        except ChildFailed as error:
            progress.note(f"No anomaly of structure: {error} {error.next_step}")
            return found
        told = np.load(place.folder / "structure.npy")
        numbers = json.loads((place.folder / "graph/numbers.json").read_text(encoding="utf-8"))
    ids = np.array([numbers.get(key.decode(), -1) for key in matrix.addresses], dtype=np.int64)
    found[ids >= 0] = told[ids[ids >= 0]]
    return found
