"""What the auditor has to say: the one form in which every rule reports, so that a plan is refused for reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """`rule` is broken by `who` (empty where it is nobody) in `[start, end)` UTC; `text` says so in a sentence."""

    rule: str
    who: str
    start: datetime
    end: datetime
    text: str
