"""The child process that says how badly addresses fit: `python -m models.encoders.structure_job FOLDER`.

FOLDER/graph/          moves and node features, see models/encoders/moves.py
FOLDER/job.json        {"seed": int, "plan": fields of `Plan`}
FOLDER/kept/           its checkpoint: a job that was killed goes on with it
FOLDER/structure.npy   what it writes: one number an address_id, NaN without a payment

It never opens the store: torch and the store do not meet in one process.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from chainsight.child import ChildProgress, live_as_long_as_parent
from chainsight.settings import settings
from models.encoders.autoencoder import structure_anomalies
from models.encoders.checkpoints import Plan
from models.encoders.payments import read_payments
from models.workplaces import KEPT


def main(folder: Path) -> None:
    """Run the job in `folder`."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    found = structure_anomalies(
        read_payments(folder / "graph"),
        folder / KEPT,
        plan=Plan.of(job["plan"]),
        seed=int(job["seed"]),
        threads=settings().training_threads,
        progress=ChildProgress(),
    )
    np.save(folder / "structure.npy", found)


if __name__ == "__main__":
    live_as_long_as_parent()
    main(Path(sys.argv[1]))
