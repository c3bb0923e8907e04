"""One page, whatever the channel, so that chat, log and history never tell different stories."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from oncall_assets.handbook.audiences import member_of
from oncall_assets.handbook.labels import INVESTORS
from oncall_assets.handbook.team import Severity, Team

# C0 and C1 but for line feed, line and paragraph separators, and marks that reverse the reading direction.
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


# Why a page is sent: what the escalation did.
Tone = Literal["opened", "raised", "escalated", "reminded", "returned"]


class Words(BaseModel):
    """Anything a page is made of: kept in the ledger as JSON, and never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(Words):
    """An engineer, a team of `teams:`, a metric owner or one of an audience, by key, name and IANA time zone."""

    key: str
    name: str
    timezone: str

    @classmethod
    def of(cls, team: Team, key: str) -> Person:
        if key in team.teams:
            return cls(key=key, name=team.teams[key].name, timezone=team.timezone)
        if team.metric_owner(key):
            return cls(key=key, name=f"metric owner of {key.partition('.')[2]}", timezone=team.timezone)
        if member := member_of(team, key):
            return cls(key=key, name=member.audience, timezone=team.timezone)
        engineer = team.engineers[key]
        return cls(key=key, name=engineer.name, timezone=engineer.timezone)


class Link(Words):
    title: str
    url: str


class Affected(Words):
    """An asset computed from what failed; `investors` if its figures go to them."""

    asset: str
    investors: bool


class Offer(Words):
    """A step that the program can do when asked: what it `does` in a few words, `command` and `url` to ask it."""

    step: int
    does: str
    command: str
    url: str | None = None


class Case(Words):
    """What an incident is about, written once when it opens; instants are UTC.

    `key` names its cause in a few words, `issues` the runbook's issues that the failed check guards. `figures`:
    the evidence, which is finding, observed, threshold and sample, may tell figures of the pipeline; what else
    there is never does.
    """

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
    pipeline: str | None = None
    audience: str | None = None
    owners: tuple[str, ...] = ()
    affected: tuple[Affected, ...] = ()
    more_affected: int = 0
    not_computed: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()
    runbook: str | None = None
    steps: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    figures: bool = True

    @property
    def private(self) -> bool:
        """Whether the evidence may tell figures that go to investors."""
        return self.figures and self.audience == INVESTORS

    @property
    def downstream(self) -> tuple[str, ...]:
        """The affected assets as lines, those that go to investors marked."""
        lines = [f"{one.asset} (INVESTOR FIGURES)" if one.investors else one.asset for one in self.affected]
        return (*lines, f"and {self.more_affected} more") if self.more_affected else tuple(lines)


class Page(Case):
    """What a person needs at 02:00: the case, why it is they, and by when.

    `id` is the same however often the page is sent; `dedup` is the same for all that is ever said of the
    incident, and differs between installations. `repeats` counts the failures after the first, `others` are
    what else fails for the same cause, `offers` what the program can do of the `steps`. Nobody on call: no
    `primary` and no `secondary`.
    """

    kind: Literal["page"] = "page"
    id: str
    dedup: str
    incident: int
    to: Person
    telling: Tone = "opened"
    why: str
    told_at: datetime
    primary: Person | None
    secondary: Person | None
    because: tuple[str, ...] = ()
    respond: timedelta
    resolve: timedelta
    respond_by: datetime
    resolve_by: datetime
    repeats: int = 0
    others: tuple[str, ...] = ()
    more_others: int = 0
    offers: tuple[Offer, ...] = ()
    marks: tuple[str, ...] = ()

    @property
    def all_links(self) -> tuple[Link, ...]:
        """Those of the case, and one for each step that can be done from there."""
        done = (Link(title=f"Do step {one.step}", url=one.url) for one in self.offers if one.url)
        return (*self.links, *done)

    @property
    def answer_by(self) -> str:
        return f"{instant(self.respond_by, self.to.timezone)}, within {length(self.respond)}"

    @property
    def mend_by(self) -> str:
        return f"{instant(self.resolve_by, self.to.timezone)}, within {length(self.resolve)}"


class Update(Words):
    """What became of an incident, for those who were told of it: `rows` are labels with their text, in order."""

    kind: Literal["update"] = "update"
    id: str
    dedup: str
    incident: int
    to: Person
    what: Literal["acknowledged", "resolved"]
    severity: Severity
    title: str
    rows: tuple[tuple[str, str], ...]
    told_at: datetime
    marks: tuple[str, ...] = ()


class Notice(Words):
    """What an engineer should know and need not answer: `rows` are labels with their text, in order.

    `discreet` are the rows for a channel that shows no investors' figures, where `rows` tell some.
    """

    kind: Literal["notice"] = "notice"
    id: str
    to: Person
    title: str
    rows: tuple[tuple[str, str], ...]
    discreet: tuple[tuple[str, str], ...] | None = None
    told_at: datetime
    marks: tuple[str, ...] = ()


class Digest(Words):
    """Many messages in one, when too many come at once: a line for each, and `more` that are not listed."""

    kind: Literal["digest"] = "digest"
    id: str
    to: Person
    title: str
    lines: tuple[str, ...]
    more: int = 0
    told_at: datetime
    marks: tuple[str, ...] = ()


Message = Page | Update | Notice | Digest

_MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])


def subject_of(message: Page | Update) -> str:
    """`Incident 17`; number 0 is the watchdog's, whose findings are in no ledger."""
    return f"Incident {message.incident}" if message.incident else "Watchdog"


def line_of(message: Message) -> str:
    """The message in one line, as it stands in a digest."""
    match message:
        case Page():
            where = f" ({message.partition})" if message.partition else ""
            return f"#{message.incident} {message.severity}: {message.title}{where}"
        case Update():
            return f"#{message.incident} {message.what}: {message.title}"
        case Notice() | Digest():
            return message.title


def marked(message: Message, possible_repeat: bool, late: timedelta | None) -> Message:
    """The message as it is sent now: marked if an earlier try is in doubt, and with its age if it is late."""
    marks = [*message.marks]
    if possible_repeat:
        marks.append("possible repeat: an earlier try may have arrived")
    if late is not None:
        marks.append(f"late: written {length(late)} ago")
    return message.model_copy(update={"marks": tuple(marks)}) if marks else message


def message_from(text: str) -> Message:
    """The message that the ledger kept as JSON. Raises pydantic's ValidationError if it is none."""
    return _MESSAGE.validate_json(text)


def instant(at: datetime, zone: str) -> str:
    """`2026-10-03 03:14 UTC (Fri 23:14 America/New_York)`."""
    return f"{in_utc(at)} ({at.astimezone(ZoneInfo(zone)):%a %H:%M} {zone})"


def in_utc(at: datetime) -> str:
    """`2026-10-03 03:14 UTC`, for people of any zone."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def length(duration: timedelta) -> str:
    """The two largest units of a duration: `1 h`, `1 h 30 min`, `2 d`."""
    minutes = int(duration.total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if count]
    return " ".join(parts[:2]) or "0 min"


def printable(text: str) -> str:
    """`text` with a space for each character that would move a cursor or reverse the reading direction."""
    return _UNPRINTABLE.sub(" ", text.replace("\r\n", "\n"))


def oneline(text: str, limit: int) -> str:
    """`text` without line breaks or runs of blanks, at most `limit` characters of it."""
    return shorten(" ".join(printable(text).split()), limit)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, an ellipsis in place of what was cut off."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
