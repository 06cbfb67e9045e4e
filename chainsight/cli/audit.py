"""`chainsight audit`: what the store holds of a chain, what of it was proven, and what is wrong, missing or doubtful."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from chainsight.cli import app, output
from chainsight.cli.options import ChainOption, JsonOption, RpcOption, StoreOption, chosen_chain, opened_store
from chainsight.errors import DataCheckError
from ingest.audit import Audit, Batch, take_audit

_COUNTED = ("blocks", "transactions", "logs", "traces", "transfers")


@app.command()
def audit(
    rpc: RpcOption = None,
    sample: Annotated[int, typer.Option(min=1, help="Balances to ask the node for, and as many of tokens.")] = 50,
    seed: Annotated[int, typer.Option(help="Which balances: the same seed draws the same ones.")] = 0,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Say which blocks the store holds, from where, what of them was proven, and what is missing, wrong or doubtful.

    With a node, a sample of balances is held against the sums of transfers. What was found is also written to the table
    ingest_checks; exit code 3 when something is missing or wrong.

    Example: chainsight audit --rpc http://127.0.0.1:8545
    """
    with opened_store(store) as opened, output.watching() as progress:
        chain = chosen_chain(opened, chain_id)
        found = take_audit(opened, chain_id=chain, urls=rpc or (), most=sample, seed=seed, progress=progress)
    if output.wants_json(json):
        balances = [check.as_row() for check in found.balances.checks] if found.balances else None
        output.emit({**asdict(found), "balances": balances, "is_clean": found.is_clean})
    else:
        _show(found)
    if not found.is_clean:
        raise DataCheckError(
            f"Chain {found.chain_id} is not whole or not right in this store.",
            next_step="Ingest what is missing; ingest again what a check names, from a node you trust.",
        )


def _show(found: Audit) -> None:
    output.emit_rows([_row(span) for span in _spans(found.batches)], title=f"Chain {found.chain_id}")
    for what, counts in (
        ("event", found.events),
        ("quarantined because of", found.quarantined),
        ("transfers in doubt", found.doubts),
        ("authorisations", found.authorizations),
    ):
        if counts:
            output.emit_rows([{what: name.replace("_", " "), "count": count} for name, count in counts.items()])
    for gap in found.gaps:
        output.say(f"missing: blocks {gap.first:,} to {gap.last:,}")
    for failure in found.failed_checks:
        output.say(f"wrong: {failure.purpose} ({failure.rows} rows; sql/checks/{failure.name}.sql)")
    if not found.is_of_its_chain:
        output.say(f"wrong: block 0 has the hash {found.genesis_hash}, which is not this chain's")
    if found.balances:
        output.say(str(found.balances))
        wrong = [check.as_row() for check in found.balances.checks if check.status != "match"]
        if wrong:
            output.emit_rows(wrong, title="Balances that do not match, are explained, or cannot be told")


def _spans(batches: Sequence[Batch]) -> list[list[Batch]]:
    """Batches in a row of the same source and with the same proofs, which people see as one."""
    spans: list[list[Batch]] = []
    for batch in batches:
        before = spans[-1][-1] if spans else None
        if before and (before.to_block + 1, before.source, before.location, before.proofs) == (
            batch.from_block,
            batch.source,
            batch.location,
            batch.proofs,
        ):
            spans[-1].append(batch)
        else:
            spans.append([batch])
    return spans


def _row(span: Sequence[Batch]) -> dict[str, str]:
    counts = {name: sum(getattr(batch, name) for batch in span) for name in _COUNTED}
    return {
        "blocks": f"{span[0].from_block:,} to {span[-1].to_block:,}",
        "batches": f"{len(span):,}",
        "holds": ", ".join(f"{count:,} {name}" for name, count in counts.items() if count),
        "from": f"{span[0].source} {span[0].location}",
        "proven": span[0].proofs.replace("_", " ") or "nothing: tables carry nothing to recompute",
    }
