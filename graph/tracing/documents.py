"""A trace for programs: one JSON document, and GraphML for graph tools. Amounts are text, because JSON numbers lose digits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree

from chainsight.addresses import show_hex
from graph.tracing.answer import AssetTrace, TraceAnswer
from graph.tracing.flow_graph import REASONS, Flow, Trace
from graph.tracing.flow_paths import Exposure, Path, strongest
from graph.tracing.pages import Asset

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_NODE_FIELDS = (
    ("label", "string"),
    ("category", "string"),
    ("worth", "string"),
    ("share", "double"),
    ("start", "boolean"),
)
_EDGE_FIELDS = (
    ("asset", "string"), ("given_asset", "string"), ("amount", "string"), ("worth", "string"), ("share", "double"),
    ("hop", "int"), ("redirected", "boolean"), ("transfers", "int"), ("first", "string"), ("last", "string"),
)  # fmt: skip


def to_document(answer: TraceAnswer) -> dict[str, Any]:
    """The whole answer; `worth` is in units of the asset that was asked about, `amount` in units of the asset it names."""
    question = answer.assets[0].trace.question
    return {
        "chain_id": question.chain_id,
        "addresses": [show_hex(source) for source in question.sources],
        "direction": question.direction,
        "policy": question.policy,
        "as_of": {
            "block_number": answer.as_of.block_number,
            "block_hash": "0x" + answer.as_of.block_hash.hex(),
            "block_timestamp": answer.as_of.block_timestamp,
            "finality": answer.as_of.finality,
        },
        "rules": {
            "hops": question.hops,
            "budget": question.budget,
            "least_share": question.least_share,
            "since_block": question.since_block,
            "until_block": question.until_block,
            "hub_cap": question.hub_cap,
            "stop_categories": sorted(question.stop_categories),
            "through": sorted(question.through),
        },
        "assets": [_asset_document(answer, one) for one in answer.assets],
        "assets_left_out": answer.left_out,
        "continuations": [
            {
                "bridge": show_hex(one.bridge), "paid_block": one.paid_block, "paid_amount": str(one.paid_amount),
                "chain_id": one.chain_id, "address": show_hex(one.address), "block_number": one.block,
                "token": show_hex(one.token) if any(one.token) else "native", "amount": str(one.amount),
            }
            for one in answer.continuations
        ],
    }  # fmt: skip


def _asset_document(answer: TraceAnswer, one: AssetTrace) -> dict[str, Any]:
    trace = one.trace
    return {
        "asset": asset_name(answer, trace.question.asset),
        "traced": str(trace.total),
        "visited": len(trace.visited),
        "exposures": [
            exposure_row(trace, exposure, one.ranges.get(key, (exposure.worth, exposure.worth)))
            for key, exposure in one.exposures.items()
        ],
        "ends": [
            {
                "address": show_hex(end.address), "asset": asset_name(answer, end.asset)["token"], "reason": end.reason,
                "category": end.category, "actor": end.actor, "hop": end.hop, "amount": str(parcel.amount),
                "worth": str(parcel.worth), "share": share(trace, parcel.worth),
            }
            for end, parcel in sorted(trace.ends.items(), key=lambda item: (-item[1].worth, item[0].address))
        ],
        "nodes": [node_row(trace, address) for address in _addresses(trace)],
        "flows": [_flow_row(answer, trace, flow) for flow in trace.flows],
        "paths": [_path_row(answer, trace, path) for path in one.paths],
    }  # fmt: skip


def exposure_row(trace: Trace, exposure: Exposure, bounds: tuple[int, int]) -> dict[str, Any]:
    """One exposure; low and high are the least and the most over the accounting policies."""
    return {
        "reason": exposure.reason,
        "meaning": REASONS.get(exposure.reason, "met somebody labelled and went on"),
        "category": exposure.category,
        "actors": sorted(exposure.actors),
        "addresses": len(exposure.addresses),
        "worth": str(exposure.worth),
        "share": share(trace, exposure.worth),
        "direct": share(trace, exposure.direct),
        "by_hop": {str(hop): share(trace, worth) for hop, worth in sorted(exposure.by_hop.items())},
        "low": share(trace, bounds[0]),
        "high": share(trace, bounds[1]),
    }


def node_row(trace: Trace, address: bytes) -> dict[str, Any]:
    """One address of the flow graph."""
    said = strongest(trace.said.get(address, ()))
    worth = trace.visited.get(address, 0)
    return {
        "address": show_hex(address),
        "label": said.label if said else "",
        "category": said.category if said else "",
        "worth": str(worth),
        "share": share(trace, worth),
        "start": address in trace.question.sources,
    }


def share(trace: Trace, worth: int) -> float:
    """Part of all that is traced; more than 1 for what went in circles, and under poison."""
    return round(worth / trace.total, 6)


def asset_name(answer: TraceAnswer, asset: Asset) -> dict[str, Any]:
    """Contract (`native` for the coin), item, symbol and decimals."""
    symbol, decimals = answer.symbols.get(asset.token, ("", None))
    token = "native" if not any(asset.token) else show_hex(asset.token)
    return {"token": token, "token_id": str(asset.token_id), "symbol": symbol, "decimals": decimals}


def _flow_row(answer: TraceAnswer, trace: Trace, flow: Flow) -> dict[str, Any]:
    return {
        "from": show_hex(flow.giver),
        "to": show_hex(flow.receiver),
        "given_asset": asset_name(answer, flow.given_asset)["token"],
        "asset": asset_name(answer, flow.asset)["token"],
        "hop": flow.hop,
        "redirected": flow.is_redirect,
        "amount": str(flow.parcel.amount),
        "worth": str(flow.parcel.worth),
        "share": share(trace, flow.parcel.worth),
        "transfers": flow.transfer_count,
        "first": _time(flow.first_seconds),
        "last": _time(flow.last_seconds),
        "blocks": sorted({block for block, _ in flow.transactions})[:20],
    }


def _path_row(answer: TraceAnswer, trace: Trace, path: Path) -> dict[str, Any]:
    return {
        "end": show_hex(path.end.address),
        "reason": path.end.reason,
        "category": path.end.category,
        "worth": str(path.parcel.worth),
        "share": share(trace, path.parcel.worth),
        "steps": [
            _flow_row(answer, trace, step)
            | {
                "transactions": [
                    show_hex(answer.hashes[transaction])
                    for transaction in sorted(step.transactions, key=lambda name: -step.transactions[name])[:20]
                    if transaction in answer.hashes
                ]
            }
            for step in path.steps
        ],
    }


def to_graphml(answer: TraceAnswer) -> bytes:
    """The flow graphs of all assets as one directed graph; parallel edges are told apart by asset and hop."""
    root = ElementTree.Element("graphml", xmlns=_NAMESPACE)
    for kind, fields in (("node", _NODE_FIELDS), ("edge", _EDGE_FIELDS)):
        for name, form in fields:
            key = {"id": f"{kind}_{name}", "for": kind, "attr.name": name, "attr.type": form}
            ElementTree.SubElement(root, "key", key)
    graph = ElementTree.SubElement(root, "graph", edgedefault="directed")
    seen: set[bytes] = set()
    for one in answer.assets:
        for address in _addresses(one.trace):
            if address not in seen:
                seen.add(address)
                _element(graph, "node", {"id": str(show_hex(address))}, node_row(one.trace, address), _NODE_FIELDS)
        for flow in one.trace.flows:
            row = _flow_row(answer, one.trace, flow)
            _element(graph, "edge", {"source": row["from"], "target": row["to"]}, row, _EDGE_FIELDS)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _element(
    parent: ElementTree.Element,
    kind: str,
    names: dict[str, str],
    row: dict[str, Any],
    fields: Iterable[tuple[str, str]],
) -> None:
    element = ElementTree.SubElement(parent, kind, names)
    for name, form in fields:
        value = str(row[name]).lower() if form == "boolean" else str(row[name])
        data = ElementTree.SubElement(element, "data", key=f"{kind}_{name}")
        # Labels come from strangers, and XML has no way to write most control characters.
        data.text = "".join(character if character.isprintable() else "\ufffd" for character in value)


def _addresses(trace: Trace) -> list[bytes]:
    named = {address for flow in trace.flows for address in (flow.giver, flow.receiver)} | set(trace.question.sources)
    sources = trace.question.sources
    return sorted(named, key=lambda address: (address not in sources, -trace.visited.get(address, 0), address))


def _time(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
