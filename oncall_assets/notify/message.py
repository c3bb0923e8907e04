"""One page, whatever the channel, so that chat, log and history never tell different stories."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from oncall_assets.handbook.team import Severity, Team

# C0 and C1 but for line feed, line and paragraph separators, and marks that reverse the reading direction.
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Words(BaseModel):
    """Anything a page is made of: kept in the ledger as JSON, and never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(Words):
    """An engineer by key, name and IANA time zone."""

    key: str
    name: str
    timezone: str

    @classmethod
    def of(cls, team: Team, key: str) -> Person:
        engineer = team.engineers[key]
        return cls(key=key, name=engineer.name, timezone=engineer.timezone)


class Link(Words):
    title: str
    url: str


class Affected(Words):
    """An asset computed from what failed; `investors` if its figures go to them."""

    asset: str
    investors: bool


class Page(Words):
    """What an engineer needs at 02:00; instants are UTC, and `told_at` is when the page was written."""

    kind: Literal["page"] = "page"
    incident: int
    key: str
    title: str
    severity: Severity
    what: str
    finding: str
    observed: str | None = None
    threshold: str | None = None
    partition: str | None = None
    sample: str = ""
    happened_at: datetime
    told_at: datetime
    primary: Person
    because: tuple[str, ...]
    secondary: Person
    respond: timedelta
    resolve: timedelta
    pipeline: str | None = None
    audience: str | None = None
    owners: tuple[str, ...] = ()
    affected: tuple[Affected, ...] = ()
    more_affected: int = 0
    not_computed: tuple[str, ...] = ()
    runbook: str | None = None
    steps: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def answer_by(self) -> str:
        return f"{instant(self.told_at + self.respond, self.primary.timezone)}, within {length(self.respond)}"

    @property
    def resolve_by(self) -> str:
        return f"{instant(self.told_at + self.resolve, self.primary.timezone)}, within {length(self.resolve)}"

    @property
    def downstream(self) -> tuple[str, ...]:
        """The affected assets as lines, those that go to investors marked."""
        lines = [f"{one.asset} (INVESTOR FIGURES)" if one.investors else one.asset for one in self.affected]
        return (*lines, f"and {self.more_affected} more") if self.more_affected else tuple(lines)


class Notice(Words):
    """What an engineer should know and need not answer: `rows` are labels with their text, in order."""

    kind: Literal["notice"] = "notice"
    key: str
    person: Person
    title: str
    rows: tuple[tuple[str, str], ...]
    told_at: datetime


Message = Page | Notice

_MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])


def message_from(text: str) -> Message:
    """The message that the ledger kept as JSON. Raises pydantic's ValidationError if it is none."""
    return _MESSAGE.validate_json(text)


def instant(at: datetime, zone: str) -> str:
    """`2026-10-03 03:14 UTC (Fri 23:14 America/New_York)`."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC ({local:%a %H:%M} {zone})"


def length(duration: timedelta) -> str:
    """The two largest units of a duration: `1 h`, `1 h 30 min`, `2 d`."""
    minutes = int(duration.total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if count]
    return " ".join(parts[:2]) or "0 min"


def printable(text: str) -> str:
    """`text` with a space for each character that would move a cursor or reverse the reading direction."""
    return _UNPRINTABLE.sub(" ", text.replace("\r\n", "\n"))


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, an ellipsis in place of what was cut off."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
