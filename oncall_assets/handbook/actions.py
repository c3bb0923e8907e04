"""What a step of a procedure can do by itself, written down beforehand, so that nobody has to word it at 02:00."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from oncall_assets.handbook.problem import one_of, shown
from oncall_assets.handbook.values import Name, Written

Kind = Literal["backfill", "notify", "escalate"]

# What a prepared text may leave open, filled in from the incident.
PLACEHOLDERS: Final = ("incident", "severity", "title", "finding", "pipeline", "partition")

# Words of `to:` beside the keys of `teams:`.
SECONDARY: Final = "secondary"

_LONGEST_TEXT = 1500
_MOST_DAYS = 60


class Backfill(Written):
    """Compute the incident's partitions of `asset` again, with `downstream` also all that is computed from it.

    `before` and `after` are so many days more on either side of them, as far as there are such partitions.
    """

    asset: Annotated[str, Field(min_length=1)]
    downstream: bool = False
    before: Annotated[int, Field(ge=0, le=_MOST_DAYS)] = 0
    after: Annotated[int, Field(ge=0, le=_MOST_DAYS)] = 0


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _prepared(text: str) -> str:
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"has {len(text):,} characters; expected {_LONGEST_TEXT:,} at most")
    try:
        parts = [*Formatter().parse(text)]
    except ValueError:
        expected = "expected each `{` with its `}`, and `{{` for a brace that is meant"
        raise ValueError(f"holds a single brace; {expected}") from None
    for _, name, form, conversion in parts:
        if name is not None and (name not in PLACEHOLDERS or form or conversion):
            written = name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
            raise ValueError(f"{shown(f'{{{written}}}')} cannot be filled in; {one_of(name, PLACEHOLDERS)}")
    return text


class Notify(Written):
    """Send the prepared `text` to `who`: audiences, teams of `teams:`, `metric_owner` (of the pipeline)."""

    who: Annotated[list[Name], BeforeValidator(_listed), Field(min_length=1)]
    text: Annotated[str, Field(min_length=1), AfterValidator(_prepared)]


class Escalate(Written):
    """Page somebody now: `secondary` or `owners` of the pipeline, `everyone`, or a team of `teams:`."""

    to: Name


class Action(Written):
    """What the on-call can start from the page or by `oncall run-step`: exactly one of the three."""

    backfill: Backfill | None = None
    notify: Notify | None = None
    escalate: Escalate | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Action:
        found = [name for name in ("backfill", "notify", "escalate") if getattr(self, name) is not None]
        if len(found) != 1:
            named = " and ".join(found) or "nothing"
            raise ValueError(f"does {named}; expected one of backfill, notify and escalate")
        return self

    @property
    def kind(self) -> Kind:
        return "backfill" if self.backfill else "notify" if self.notify else "escalate"

    @property
    def does(self) -> str:
        """In a few words, for the line of its step."""
        if self.backfill:
            return f"backfills {self.backfill.asset}{' and downstream' if self.backfill.downstream else ''}"
        if self.notify:
            return f"notifies {', '.join(self.notify.who)}"
        return f"pages {self.escalate.to}" if self.escalate else ""


def _step(value: object) -> object:
    # A key of a mapping is text here, whatever it looks like.
    if isinstance(value, str) and value.isascii() and value.isdigit() and 0 < int(value) < 1000:
        return int(value)
    raise ValueError(f"{shown(value)} is no step; expected its number in the procedure, from 1")


Actions = dict[Annotated[int, BeforeValidator(_step)], Action]


def filled(text: str, values: Mapping[str, str]) -> str:
    """The prepared text with `values` for its placeholders, which are taken as they are and not read again."""
    return "".join(_parts(text, values))


def _parts(text: str, values: Mapping[str, str]) -> Iterator[str]:
    for literal, name, _, _ in Formatter().parse(text):
        yield literal
        if name is not None:
            yield values[name]
