"""The story's contracts, compiled from demo/contracts by Vyper, and the bytes of calls to them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_utils.abi import function_signature_to_4byte_selector

_FOLDER = Path(__file__).with_name("contracts")


@dataclass(frozen=True)
class Artifact:
    """One compiled contract."""

    name: str
    bytecode: bytes
    inputs: dict[str, tuple[str, ...]]
    """Parameter types by function name; `__init__` for the constructor."""

    def creation(self, *arguments: Any) -> bytes:
        """The data of a transaction that creates it."""
        return self.bytecode + encode(self.inputs.get("__init__", ()), arguments)

    def call(self, function: str, *arguments: Any) -> bytes:
        """The data of a call of `function`."""
        types = self.inputs[function]
        return bytes(function_signature_to_4byte_selector(f"{function}({','.join(types)})")) + encode(types, arguments)


@cache
def artifact(name: str) -> Artifact:
    """Compile demo/contracts/NAME.vy, once a process."""
    from vyper.compiler import compile_code

    path = _FOLDER / f"{name}.vy"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # selfdestruct is deprecated; the story wants one all the same
        made = compile_code(path.read_text(encoding="utf-8"), output_formats=["abi", "bytecode"])
    inputs = {
        entry.get("name", "__init__"): tuple(parameter["type"] for parameter in entry["inputs"])
        for entry in made["abi"]
        if entry["type"] in ("function", "constructor")
    }
    return Artifact(name, bytes.fromhex(made["bytecode"].removeprefix("0x")), inputs)
