"""Commands about risk: publish, score."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from chainsight.addresses import parse_address, show_hex
from chainsight.cli import app, output
from chainsight.cli.options import ChainOption, JsonOption, StoreOption, chosen_chain, opened_store
from chainsight.errors import StoreEmpty
from risk.answers import Answer, read_answer
from risk.publications import newest_publication
from scheduler.publish import publish as publish_scores
from sql.store import Store


@app.command()
def publish(chain_id: ChainOption = 0, store: StoreOption = "", json: JsonOption = False) -> None:
    """Make new scores, risk labels and recommendations visible, all at once; nothing when nothing changed.

    Example: chainsight publish
    """
    with opened_store(store) as opened, output.watching() as progress:
        summary = publish_scores(opened, chain_id=chosen_chain(opened, chain_id), progress=progress)
    if output.wants_json(json):
        output.emit(asdict(summary))
    else:
        output.emit_rows([{"figure": name, "value": value} for name, value in asdict(summary).items()])


@app.command()
def score(
    address: Annotated[str, typer.Argument(help="0x and 40 hex digits.")],
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """What is published about an address: score, grade, reasons, exposures, advice, and until which block we know.

    Example: chainsight score 0x098b716b8aaf21512996dc57eb0615e2383e2f96
    """
    key = parse_address(address)
    with opened_store(store) as opened:
        answer = _require_answer(opened, key, chosen_chain(opened, chain_id))
    if output.wants_json(json):
        output.emit(to_document(answer))
    else:
        _show(answer)


def to_document(answer: Answer) -> dict[str, object]:
    """An answer as one JSON document, the fields named as over HTTP."""
    document = asdict(answer)
    publication = answer.publication
    document |= {
        "address": show_hex(answer.address),
        "recommended_action": document.pop("action"),
        "model": document.pop("model_id") or None,
        "policy": publication.policy_hash,
        "as_of": {
            "block_number": publication.as_of_block,
            "block_hash": "0x" + publication.as_of_block_hash,
            "block_timestamp": publication.as_of_timestamp,
            "finality": publication.finality,
        },
        "publication": publication.publication,
        "published_at": publication.published_at,
    }
    return document


def _require_answer(store: Store, key: bytes, chain_id: int) -> Answer:
    answer = read_answer(store, key, chain_id=chain_id)
    if answer is not None:
        return answer
    publication = newest_publication(store, chain_id)
    if publication is None:
        raise StoreEmpty(f"publication of chain {chain_id}", "Make one: chainsight publish.")
    raise StoreEmpty(
        f"score of {show_hex(key)}",
        f"It was never seen on chain {chain_id} up to block {publication.as_of_block:,}, and no sanctions list names it.",
    )


def _show(answer: Answer) -> None:
    publication = answer.publication
    output.emit_rows(
        [
            {"": "address", " ": show_hex(answer.address)},
            {"": "score", " ": f"{answer.score:.1f} of 100, {answer.grade}" + _caveat(answer)},
            {"": "probability", " ": _probability(answer)},
            {"": "anomaly", " ": _anomaly(answer)},
            *({"": "because" if place == 0 else "", " ": reason} for place, reason in enumerate(answer.reasons)),
            {"": "channels", " ": ", ".join(f"{name} {value:.2f}" for name, value in answer.channels.items())},
            {"": "do", " ": answer.action + (f" until {answer.valid_until:%F %T} UTC" if answer.valid_until else "")},
            {
                "": "as of",
                " ": f"block {publication.as_of_block:,} ({publication.finality}, {publication.as_of_timestamp:%F %T} UTC), "
                f"publication {publication.publication} of {publication.published_at:%F %T} UTC",
            },
        ],
        title=f"chain {answer.chain_id}",
    )


def _probability(answer: Answer) -> str:
    if answer.probability is None:
        return "none: insufficient evidence" if answer.model_answer else "none: no model"
    said = f"{answer.probability:.1%}"
    if answer.probability_low is not None and answer.probability_high is not None:
        said += f", between {answer.probability_low:.1%} and {answer.probability_high:.1%}"
    if answer.base_rate_probability is not None:
        said += f"; {answer.base_rate_probability:.2%} under the estimated base rate of the chain"
    return f"{said}; the model's answer is {answer.model_answer}" if answer.model_answer else said


def _anomaly(answer: Answer) -> str:
    said = "not looked at" if answer.anomaly is None else f"{answer.anomaly:.1%}"
    if answer.structure_anomaly is None:
        return said
    return f"{said}; of its place among payments {answer.structure_anomaly:.1%}"


def _caveat(answer: Answer) -> str:
    if answer.evidence == "insufficient":
        return "; insufficient evidence: it rests on the lists alone"
    return "; a service, judged by lists and labels only" if answer.is_service else ""
