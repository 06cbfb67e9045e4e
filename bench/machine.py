"""What a figure was measured on: a number without its machine says little."""

from __future__ import annotations

import os
import platform

import psutil


def describe_machine() -> str:
    """Cores, memory, processor and Python in one line."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}, Python {platform.python_version()}"
