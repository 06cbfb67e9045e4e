"""The command explain: one wallet's score in reasons and in transactions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chainsight.addresses import parse_address, show_hex
from chainsight.cli import app, output
from chainsight.cli.options import ChainOption, JsonOption, StoreOption, chosen_chain, opened_store

if TYPE_CHECKING:
    from chainsight.explanation_page import ShownEvidence
    from graph.profiles.tokens import Token
    from models.whatif.evidence import EvidenceTransaction, Explanation, Payment

_SHOWN_PAYMENTS = 3
_SHOWN_SET = 30


@app.command()
def explain(
    address: Annotated[str, typer.Argument(help="0x and 40 hex digits.")],
    budget: Annotated[
        int, typer.Option(min=1, help="About how many histories to try; more find smaller sets.")
    ] = 1_500,
    chain_id: ChainOption = 0,
    plot: Annotated[Path | None, typer.Option("--plot", help="Draw it to this file, .html, .png or .svg.")] = None,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Why a wallet has its score: reasons, the transactions that hold it up, and the fewest without which it is not elevated.

    Histories without some of its transactions are described and scored as the wallet is; its neighbours are held as they are.

    Example: chainsight explain 0x098b716b8aaf21512996dc57eb0615e2383e2f96 --plot why.html
    """
    if plot is not None:
        from chainsight.plots import require_form

        require_form(plot)
    from graph.profiles.tokens import read_tokens
    from models.serving import WalletScorer
    from models.whatif.evidence import explain_wallet

    key = parse_address(address)
    with opened_store(store) as opened, output.watching() as progress:
        chain = chosen_chain(opened, chain_id)
        scorer = WalletScorer.active(opened, chain_id=chain)
        found = explain_wallet(opened, scorer, key, most_variants=budget, progress=progress)
        moved = {payment.token for one in found.evidence for payment in one.payments}
        tokens = read_tokens(opened, chain, moved)
    if output.wants_json(json):
        output.emit(to_document(found))
    else:
        _show(found, tokens)
    if plot is not None and found.has_score:
        from chainsight.explanation_page import explanation_page
        from chainsight.plots import save

        title = f"Why {show_hex(key)} has its score"
        drawn = save(explanation_page(to_document(found), shown_evidence(found, tokens), title=title), plot)
        output.say(f"Drawn: {drawn}")
    elif plot is not None:
        output.say("Nothing was drawn: there is too little evidence for a score.")


def to_document(found: Explanation) -> dict[str, Any]:
    """An explanation as one JSON document: addresses and hashes as 0x text, amounts exact as text."""
    from models.serving import answer_as_document

    is_known = found.has_score
    smallest = found.smallest
    return {
        **answer_as_document(found.answer),
        "threshold_log_odds": found.threshold_log_odds,
        "moves_read": found.moves_read,
        "moves_left_out": found.moves_left_out,
        "looked_at_all_moves": not found.moves_left_out,
        "log_odds_of_moves_read": found.log_odds_read if is_known else None,
        "log_odds_without_evidence": found.log_odds_without_evidence if is_known else None,
        "evidence": [
            {
                "transaction_hash": show_hex(one.transaction_hash), "log_odds": one.log_odds, "share": one.share,
                "payments": [_payment(payment) for payment in one.payments],
            }
            for one in found.evidence
        ],
        "evidence_is": evidence_sentence(found),
        "smallest_set": smallest
        and {
            "transactions": [show_hex(one) for one in smallest.transactions],
            "transfers": smallest.transfers,
            "log_odds": smallest.log_odds,
        },
        "smallest_set_is": sentence(found),
        "variants": found.variants,
    }  # fmt: skip


def sentence(found: Explanation) -> str:
    """The smallest set in words, and what its size means."""
    if not found.has_score:
        return "There is too little evidence for a score, and so nothing that would lower it."
    if not found.is_elevated:
        return "The wallet is not elevated: there is nothing to bring under the threshold."
    looked_at = "the moves looked at" if found.moves_left_out else "its transactions"
    if found.moves_left_out and not found.log_odds_read >= found.threshold_log_odds:
        return (
            f"The wallet is elevated, but its latest {found.moves_read:,} moves alone are under the threshold, and older ones "
            "were not looked at: what carries the score is not told."
        )
    if found.smallest is None:
        return (
            f"No set of {looked_at} was found in {found.variants:,} tries without which they are under the threshold and "
            "still enough for a score."
        )
    count = len(found.smallest.transactions)
    which = "this transaction" if count == 1 else f"these {count:,} transactions"
    whose = f"the log-odds of {looked_at}" if found.moves_left_out else "its log-odds"
    older = f" What the {found.moves_left_out:,} older moves say was not looked at." if found.moves_left_out else ""
    return (
        f"Without {which} ({found.smallest.transfers:,} transfers) {whose} are {found.smallest.log_odds:+.2f}, under the "
        f"threshold of {found.threshold_log_odds:+.2f}. It is the smallest set found in {found.variants:,} tries; a smaller "
        f"one may exist.{older}"
    )


def evidence_sentence(found: Explanation) -> str:
    """The evidence in words: how far the score falls without it, or that no few transactions carry it."""
    from models.whatif.evidence import MOST_EVIDENCE

    of_what = " of the moves looked at" if found.moves_left_out else ""
    if not found.has_score:
        return "There is too little evidence for a score."
    if not found.evidence:
        return (
            f"No {MOST_EVIDENCE} or fewer transactions were found without which the log-odds{of_what} are lower: no few "
            "transactions carry the score."
        )
    count = len(found.evidence)
    which = "this transaction" if count == 1 else f"these {count} transactions"
    after = found.log_odds_without_evidence
    return f"Without {which} the log-odds{of_what} are {after:+.2f} instead of {found.log_odds_read:+.2f}."


def shown_evidence(found: Explanation, tokens: dict[bytes, Token]) -> list[ShownEvidence]:
    """The evidence for a picture: of what a transaction moves the native coin stands for all, else a token, if it moves any."""
    from chainsight.explanation_page import ShownEvidence

    address, smallest = found.answer.address, set(found.smallest.transactions) if found.smallest else set()
    first = [max(one.payments, key=lambda it: (it.amount > 0, not any(it.token))) for one in found.evidence]
    largest: dict[bytes, int] = {}
    for payment in first:
        largest[payment.token] = max(largest.get(payment.token, 1), payment.amount)
    return [
        ShownEvidence(
            moved_at=dt.datetime.fromtimestamp(payment.moved_at, dt.UTC).isoformat(),
            is_out=payment.giver == address,
            asset=output.shown(str(tokens[payment.token])),
            share=payment.amount / largest[payment.token],
            what=output.shown(_said(payment, address, tokens, short=True)) + _further(one),
            log_odds=one.log_odds,
            is_in_smallest_set=one.transaction_hash in smallest,
        )
        for one, payment in zip(found.evidence, first, strict=True)
    ]


def _further(one: EvidenceTransaction) -> str:
    return f" and {len(one.payments) - 1} more" if len(one.payments) > 1 else ""


def _payment(payment: Payment) -> dict[str, Any]:
    return {
        "giver": show_hex(payment.giver),
        "receiver": show_hex(payment.receiver),
        "kind": payment.kind,
        "token": show_hex(payment.token),
        "amount": str(payment.amount),
        "moved_at": dt.datetime.fromtimestamp(payment.moved_at, dt.UTC),
        "block_number": payment.block_number,
        "has_failed": payment.has_failed,
    }


def _show(found: Explanation, tokens: dict[bytes, Token]) -> None:
    verdicts, answer = found.answer.verdicts, found.answer
    facts = [("answer", str(verdicts.answer[0])), ("model", answer.model_id)]
    if found.has_score:
        facts += [
            ("probability", f"{verdicts.probability[0]:.3f} ({verdicts.low[0]:.3f} to {verdicts.high[0]:.3f})"),
            ("log-odds", f"{verdicts.log_odds[0]:+.2f}; elevated from {found.threshold_log_odds:+.2f}"),
        ]
    if found.moves_left_out:
        read = f"the latest {found.moves_read:,} moves; {found.moves_left_out:,} older ones are left out"
        facts.append(("looked at", f"{read} (log-odds of those {found.log_odds_read:+.2f})"))
    output.emit_rows(
        [{"": name, " ": value} for name, value in facts],
        title=f"{show_hex(answer.address)}, as of block {answer.as_of_block:,}",
    )
    if found.has_score:
        output.emit_rows([{"because": reason.sentence} for reason in answer.reasons])
    if found.evidence:
        output.emit_rows(
            [_row(one, answer.address, tokens) for one in found.evidence],
            title="transactions that hold it up",
        )
    if found.has_score:
        output.emit_text(evidence_sentence(found))
    output.emit_text(sentence(found))
    if found.smallest is not None:
        output.emit_text("\n".join(str(show_hex(one)) for one in found.smallest.transactions[:_SHOWN_SET]))


def _row(one: EvidenceTransaction, address: bytes, tokens: dict[bytes, Token]) -> dict[str, str]:
    first = one.payments[0]
    shown = [_said(payment, address, tokens) for payment in one.payments[:_SHOWN_PAYMENTS]]
    if len(one.payments) > _SHOWN_PAYMENTS:
        shown.append(f"and {len(one.payments) - _SHOWN_PAYMENTS} more")
    return {
        "log-odds": f"{one.log_odds:+.2f}",
        "share": f"{100 * one.share:.0f} %",
        "when": f"{dt.datetime.fromtimestamp(first.moved_at, dt.UTC):%Y-%m-%d %H:%M}",
        "what": "\n".join(shown),
        "transaction": show_hex(one.transaction_hash) or "",
    }


def _said(payment: Payment, address: bytes, tokens: dict[bytes, Token], *, short: bool = False) -> str:
    from graph.profiles.tokens import show_amount

    way, other = ("to", payment.receiver) if payment.giver == address else ("from", payment.giver)
    failed = " (failed)" if payment.has_failed else ""
    who = f"0x{other.hex()[:4]}…{other.hex()[-4:]}" if short else show_hex(other)
    token = tokens[payment.token]
    is_unscaled = short and token.decimals is None
    amount = f"{payment.amount:.3g} units of {token}" if is_unscaled else show_amount(payment.amount, token)
    return f"{amount} {way} {who}{failed}"
