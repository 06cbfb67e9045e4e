"""What a picture of an answer is to show, for those who know and do not draw: plots.py does, with libraries slow to load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Wish:
    """What a chart shows; whatever is empty is chosen by the types of the columns."""

    title: str = ""
    subtitle: str = ""
    x: str = ""
    """Column of the places: times, categories or numbers."""
    y: str = ""
    """Column of the heights."""
    colour: str = ""
    """Column that tells series apart."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Unit by column."""
