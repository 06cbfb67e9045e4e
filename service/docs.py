"""/docs: the paths with their parameters and examples as one page, without scripts or anything from elsewhere."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

_STYLE = (
    "body{font:16px/1.5 system-ui;max-width:56rem;margin:2rem auto;padding:0 1rem}"
    "pre{background:#f4f4f4;padding:1rem;overflow:auto}"
)


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """The OpenAPI document for people."""
    schema = request.app.openapi()
    parts = [
        _operation(path, method, operation, schema)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    page = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>chainsight API</title><style>{_STYLE}</style>"
        f"<h1>chainsight {escape(schema['info']['version'])}</h1><p>{escape(schema['info']['description'])}"
        f"<p>For programs: <a href=/openapi.json>/openapi.json</a>{''.join(parts)}</html>"
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"})


def _operation(path: str, method: str, operation: dict[str, Any], schema: dict[str, Any]) -> str:
    parameters = "".join(
        f"<li><code>{escape(item['name'])}</code> ({item['in']}) {escape(item.get('description', ''))}"
        for item in operation.get("parameters", [])
    )
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    example = json.dumps(_example(answer, schema), indent=2, ensure_ascii=False)
    return (
        f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(operation.get('description', ''))}"
        f"<ul>{parameters}</ul><p>Answers:<pre>{escape(example)}</pre>"
    )


def _example(node: dict[str, Any], schema: dict[str, Any]) -> Any:
    if "$ref" in node:
        return _example(schema["components"]["schemas"][node["$ref"].rsplit("/", 1)[1]], schema)
    if node.get("examples"):
        return node["examples"][0]
    if "properties" in node:
        return {name: _example(value, schema) for name, value in node["properties"].items()}
    if node.get("type") == "array":
        return [_example(node["items"], schema)]
    return None
