"""What the gate answers, apart from how it finds out, so that desk, edition and archive say it in one way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["check", "missing", "stale", "late events", "incident", "not judged", "not sent"]


@dataclass(frozen=True, slots=True)
class Hold:
    """One thing that holds an edition: `text` is a sentence or two for people, which say what to do about it.

    It holds no figure. `until` is when it is over by itself, if that is known; UTC.
    """

    kind: Kind
    text: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether an edition may go out: it may if there are no `holds`.

    `coverage` is the least share of the period's days that a table upstream has, 0 to 1, `computed_at` when the
    oldest part of what is read was computed (UTC); both are None where nothing is there to tell. `provisional`
    says in a sentence or two why figures may still change, `caveats` in one each what a reader must know as well.
    """

    holds: tuple[Hold, ...]
    coverage: float | None
    computed_at: datetime | None
    provisional: str | None
    caveats: tuple[str, ...]
