"""What comes from a place, or that nothing came, in the same words wherever it was looked for."""

from __future__ import annotations

from dataclasses import dataclass


class Silent(Exception):
    """A source has nothing to give where something was due; the message says what was looked for and where."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A table in the engine that holds one day as the place gave it; `as_text` if its values still are text."""

    table: str
    as_text: bool
    origin: str
