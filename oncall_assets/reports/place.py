"""What the desk of reports remembers from round to round, as its sensor's cursor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime


class PlaceError(Exception):
    """A cursor that the desk did not write."""


@dataclass(frozen=True, slots=True)
class Place:
    """What was due before `since` is history; `counted_on` has each report's last day with a countdown."""

    since: datetime
    counted_on: Mapping[str, date] = field(default_factory=dict)

    @classmethod
    def parse(cls, cursor: str) -> Place:
        """Raises PlaceError."""
        try:
            found = json.loads(cursor)
            since = datetime.fromisoformat(found["since"])
            counted = {key: date.fromisoformat(day) for key, day in found["counted_on"].items()}
        except (ValueError, TypeError, KeyError, AttributeError):
            since = None
        if since is None or since.utcoffset() is None:
            raise PlaceError(
                "the cursor of the sensor oncall_editions is none of its own; expected {since, counted_on}: reset "
                "it, and what was due before is not sent any more"
            )
        return cls(since.astimezone(UTC), counted)

    def counted(self, report: str, on: date) -> Place:
        """The same with this report's countdown made on that day."""
        return replace(self, counted_on={**self.counted_on, report: on})

    def __str__(self) -> str:
        counted = {key: day.isoformat() for key, day in sorted(self.counted_on.items())}
        return json.dumps({"since": self.since.isoformat(), "counted_on": counted})
