"""Who is told when nobody answers, and when people may be told at all: what a team agreed for its nights."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, PlainValidator, ValidationInfo, field_validator

from oncall_assets.handbook.problem import shown
from oncall_assets.handbook.values import Duration, Hour, Name, Size, Weekday, Written, duration

Urgency = Literal["any_time", "business_hours"]

ON_CALL_PRIMARY: Final = "on_call.primary"
ON_CALL_SECONDARY: Final = "on_call.secondary"
OWNERS: Final = "owners"
EVERYONE: Final = "everyone"
METRIC_OWNER: Final = "metric_owner"

# Words of `tell:`, which no engineer and no team may have for a key.
TOLD_BY_ROLE: Final = (ON_CALL_PRIMARY, ON_CALL_SECONDARY, OWNERS, EVERYONE, METRIC_OWNER)

_AFTER = re.compile(r"(?:([1-9][0-9]?) ?\* ?)?(respond|resolve)")


def metric_owner_key(pipeline: str) -> str:
    """The recipient under which the metric owner of `pipeline` is told; `Team.metric_owner` reads it."""
    return f"{METRIC_OWNER}.{pipeline}"


@dataclass(frozen=True, slots=True)
class After:
    """How long after an incident's clock began: `times` one of its targets, or `span` where `of` is None."""

    times: int
    of: Literal["respond", "resolve"] | None
    span: timedelta | None

    def length(self, respond: timedelta, resolve: timedelta) -> timedelta:
        """For an incident with these targets."""
        if self.span is not None:
            return self.span
        return self.times * (resolve if self.of == "resolve" else respond)


def _after(value: object) -> After:
    if isinstance(value, After):
        return value
    if isinstance(value, str) and (target := _AFTER.fullmatch(value)):
        return After(int(target[1] or 1), "resolve" if target[2] == "resolve" else "respond", None)
    try:
        return After(1, None, duration(value))
    except ValueError:
        expected = "expected `respond`, `2 * respond`, `resolve`, or a duration such as 30m"
        raise ValueError(f"{shown(value)} does not say after how long; {expected}") from None


class Step(Written):
    """Whom `tell` names is told `after` the clock began, or at once without it.

    `tell` is `on_call.primary`, `on_call.secondary`, `owners` (of the pipeline), `everyone`, `metric_owner` (of
    the pipeline, by e-mail), an engineer, or a team of `teams:`.
    """

    tell: Name
    after: Annotated[After | None, PlainValidator(_after)] = None


def _first_at_once(steps: list[Step]) -> list[Step]:
    if steps[0].after is not None:
        raise ValueError("begins with a step that waits; expected a first step without `after`, told at once")
    return steps


Steps = Annotated[list[Step], Field(min_length=1), AfterValidator(_first_at_once)]

DEFAULT_ESCALATION: Final = [
    Step(tell=ON_CALL_PRIMARY),
    Step(tell=ON_CALL_SECONDARY, after=After(1, "respond", None)),
    Step(tell=OWNERS, after=After(2, "respond", None)),
    Step(tell=EVERYONE, after=After(1, "resolve", None)),
]


class BusinessHours(Written):
    """When people work, in each person's own zone; their public holidays and `away` are never working time."""

    start: Hour = Field(default="09:00", alias="from")
    to: Hour = Field(default="17:00", validate_default=True)
    days: Annotated[list[Weekday], Field(min_length=1)] = ["monday", "tuesday", "wednesday", "thursday", "friday"]

    @field_validator("to")
    @classmethod
    def _after_the_start(cls, to: str, info: ValidationInfo) -> str:
        # As text two times of day compare as they do on a clock.
        start = info.data.get("start", "")
        if to <= start:
            raise ValueError(f"{shown(to)} is not after `from`, {start}; expected a later time of the same day")
        return to


class Limits(Written):
    """At most so many messages to one person over one channel `within` a time; more come as one digest."""

    messages: int = Field(default=10, ge=1)
    within: Duration = timedelta(minutes=10)


class Watch(Written):
    """From when on something counts as stuck, short or silent.

    A run `queued` or `running` for longer is stuck; less than `storage_at_least` bytes free is short; a pager that
    has not looked for `silent`, or a message that has waited for `overdue`, is what the watchdog reports.
    """

    queued: Duration = timedelta(minutes=15)
    running: Duration = timedelta(hours=4)
    storage_at_least: Size = 1024**3
    silent: Duration = timedelta(minutes=2)
    overdue: Duration = timedelta(minutes=10)
