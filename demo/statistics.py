"""What real blocks look like, as a few quantiles, and dice that fall like them.

`python -m demo.statistics ARCHIVE` computes demo/statistics.json once from a folder of recorded blocks; the numbers in
it are summaries we computed, no row of the archive.
"""

from __future__ import annotations

import io
import json
import math
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import zstandard

PATH = Path(__file__).with_name("statistics.json")
_STEPS = 20


def measure(archive: Path) -> dict[str, Any]:
    """Quantiles (0, 5, … 100 %) of fees, values, gas and gaps, and shares of types and failures."""
    blocks = _lines(archive / "blocks.jsonl.zst")
    receipts = {r["transactionHash"]: r for line in _lines(archive / "receipts.jsonl.zst") for r in line["receipts"]}
    rows = [(t, receipts[t["hash"]], b) for b in blocks for t in b["transactions"]]
    base_fees = [_int(b["baseFeePerGas"]) / 1e9 for b in blocks]
    times = [_int(b["timestamp"]) for b in blocks]
    counts = [len(b["transactions"]) for b in blocks]
    mean_count = sum(counts) / len(counts)
    types = Counter(str(_int(t["type"])) for t, _, _ in rows)
    paying = [(t, r, b) for t, r, b in rows if _int(r["effectiveGasPrice"]) > _int(b["baseFeePerGas"])]
    return {
        "blocks": len(blocks),
        "transactions": len(rows),
        "block_seconds": dict(Counter(str(b - a) for a, b in pairwise(times))),
        "transactions_per_block_over_mean": _quantiles([c / mean_count for c in counts]),
        "type_share": {kind: round(n / len(rows), 4) for kind, n in sorted(types.items())},
        "failed_share": round(sum(r["status"] == "0x0" for _, r, _ in rows) / len(rows), 4),
        "base_fee_gwei": _quantiles(base_fees),
        "tip_gwei": _quantiles([(_int(r["effectiveGasPrice"]) - _int(b["baseFeePerGas"])) / 1e9 for _, r, b in paying]),
        "fee_cap_over_base_fee": _quantiles(
            [_int(t["maxFeePerGas"]) / _int(b["baseFeePerGas"]) for t, _, b in rows if t["type"] == "0x2"]
        ),
        "plain_value_ether": _quantiles(
            [_int(t["value"]) / 1e18 for t, _, _ in rows if t["input"] == "0x" and _int(t["value"])]
        ),
        "gas_limit_over_used": _quantiles(
            [_int(t["gas"]) / _int(r["gasUsed"]) for t, r, _ in rows if len(t["input"]) > 2 and r["status"] == "0x1"]
        ),
        "plain_gas_limit": [
            [gas, n] for gas, n in Counter(_int(t["gas"]) for t, _, _ in rows if t["input"] == "0x").most_common(6)
        ],
    }


def _int(text: str) -> int:
    return int(text, 16)


def _quantiles(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    return [float(f"{ordered[round(k / _STEPS * (len(ordered) - 1))]:.5g}") for k in range(_STEPS + 1)]


def _lines(path: Path) -> list[dict[str, Any]]:
    with path.open("rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file)
        return [json.loads(line) for line in io.TextIOWrapper(reader, encoding="utf-8")]


class Statistics:
    """Dice that fall like the real blocks did."""

    def __init__(self, path: Path = PATH) -> None:
        self.table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))

    def draw(self, name: str, dice: Random, *, within: tuple[float, float] = (0.0, 1.0)) -> float:
        """One value from the quantiles of `name`, log-linear between them; `within` narrows to a range of quantiles."""
        quantiles = self.table[name]
        place = (within[0] + dice.random() * (within[1] - within[0])) * (len(quantiles) - 1)
        lower = min(int(place), len(quantiles) - 2)
        a, b = quantiles[lower], quantiles[lower + 1]
        share = place - lower
        if a <= 0:
            return float(a + (b - a) * share)
        return float(math.exp(math.log(a) + (math.log(b) - math.log(a)) * share))

    def pick(self, name: str, dice: Random) -> str:
        """One key of the table of shares or counts `name`."""
        shares = self.table[name]
        return dice.choices(list(shares), weights=list(shares.values()))[0]


if __name__ == "__main__":
    PATH.write_text(json.dumps(measure(Path(sys.argv[1])), indent=1) + "\n", encoding="utf-8")
