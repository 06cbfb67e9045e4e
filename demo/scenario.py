"""Play the demo's story on a real anvil node and record it: `python -m demo.scenario --out demo/chain`.

The recording (blocks, receipts, traces) goes to --out; truth.csv, labels.csv, sanctions.csv and tokens.csv go to its
parent folder when it is called `chain`, else beside it. The same seed plays the same story.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

from chainsight.progress import SILENT, Progress
from demo.node import running_anvil
from demo.record import NAMES, Recorder
from demo.stories import airdrops, business, circles, laundering, phishing, users
from demo.stories.economy import found_economy
from demo.truth import write_tables
from demo.world import Scale, World

SEED = 20230713
HARDFORK = "prague"
CHAPTERS = (
    users.populate,  # first, so that the others find victims and customers
    phishing.run_rings,
    phishing.run_drainers,
    phishing.run_poisoners,
    laundering.structure,
    laundering.peel,
    laundering.mix,
    laundering.sanction,
    circles.wash,
    circles.deal_art,
    circles.lure_investors,
    airdrops.give_away,
    business.employ,
    business.sell,
    business.trade_over_the_counter,
    business.change_wallets,
    business.use_smart_accounts,
    business.run_bots,
    business.play_games,
    business.pass_by,
)


@dataclass(frozen=True)
class Played:
    """What came of it."""

    counts: dict[str, int]
    addresses: int
    tables: dict[str, int]
    bytes_on_disk: int
    seconds: float


def play(out: Path, *, seed: int = SEED, scale: Scale | None = None, progress: Progress = SILENT) -> Played:
    """Play and record the story; about two minutes and 2,000 blocks at full scale. Needs anvil (`MissingComponent`)."""
    scale = scale or Scale()
    started = time.monotonic()
    arguments = (
        "--no-mining",
        "--order",
        "fifo",
        "--hardfork",
        HARDFORK,
        "--accounts",
        "1",
        "--balance",
        "0",
    )
    with running_anvil(*arguments, "--timestamp", str(scale.start)) as node, Recorder(node, out) as recorder:
        world = World(node, seed, scale)
        economy = found_economy(world)
        for chapter in CHAPTERS:
            chapter(world, economy)

        def on_block(number: int, sent: int) -> None:
            before = recorder.counts["transactions"]
            recorder.record(number)
            mined = recorder.counts["transactions"] - before
            if mined != sent:
                progress.note(f"Block {number}: {sent} transactions sent, {mined} mined.")
            progress.step(number, scale.blocks, "blocks")

        world.play(on_block)
    folder = out.parent if out.name == "chain" else out
    tables = write_tables(world.cast, folder, seen=recorder.addresses, tokens=economy.tokens())
    size = sum((out / f"{name}.jsonl.zst").stat().st_size for name in NAMES)
    return Played(dict(recorder.counts), len(recorder.addresses), tables, size, time.monotonic() - started)


class _Printed:
    """Progress for a person at a terminal."""

    def step(self, done: int, total: int | None, what: str) -> None:
        if done % 100 == 0:
            print(f"{done} of {total} {what}", flush=True)

    def note(self, text: str) -> None:
        print(text, flush=True)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of the recording")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--blocks", type=int, default=Scale.blocks)
    parser.add_argument("--days", type=float, default=Scale.days)
    parser.add_argument("--size", type=float, default=Scale.size, help="multiplies the number of people and stories")
    asked = parser.parse_args()
    scale = Scale(blocks=asked.blocks, days=asked.days, size=asked.size)
    print(play(asked.out, seed=asked.seed, scale=scale, progress=_Printed()))


if __name__ == "__main__":
    main()
