"""Refusing a swap or an override that the rules refuse, with the reason, before anybody counts on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from oncall_assets.handbook import Handbook, Problem
from oncall_assets.handbook.rota import Override, Swap
from oncall_assets.handbook.team import Team
from oncall_assets.rota.agreed import Agreed, agreed, turn_of
from oncall_assets.rota.cover import Cover
from oncall_assets.rota.segment import Segment


@dataclass(frozen=True, slots=True)
class Refusal:
    """The field of the change that is wrong, as it is called in the file, and why."""

    field: str
    message: str


def change_problems(handbook: Handbook) -> Iterator[Problem]:
    """What is wrong with each of `changes`, judged after those that stand before it in the file."""
    judge, before = _Judge(handbook), list[Agreed]()
    for number, change in enumerate(handbook.team.changes):
        made = agreed(handbook.team, change)
        wrong = judge.refusal(made, before)
        if wrong:
            yield handbook.team_source.problem(("changes", number, wrong.field), wrong.message)
        before.append(made)


def refusal(handbook: Handbook, change: Swap | Override, before: Sequence[Swap | Override]) -> Refusal | None:
    """Why `change` cannot follow the changes `before`, or None if it can. Its names must be engineers."""
    team = handbook.team
    return _Judge(handbook).refusal(agreed(team, change), [agreed(team, one) for one in before])


class _Judge:
    """The rules of one handbook, whatever was changed so far."""

    def __init__(self, handbook: Handbook) -> None:
        self._team = handbook.team
        self._zone = ZoneInfo(handbook.team.timezone)
        self._cover = Cover(handbook)

    def refusal(self, made: Agreed, before: Sequence[Agreed]) -> Refusal | None:
        if isinstance(made.change, Swap):
            return self._swap_refused(made, made.change, before)
        return self._override_refused(made, made.change, before)

    def _swap_refused(self, made: Agreed, swap: Swap, before: Sequence[Agreed]) -> Refusal | None:
        if swap.give == swap.take:
            return Refusal("take", f"{swap.take!r} gives the turn too; expected somebody else")
        off = _no_such_stretch(self._team, made, swap)
        if off:
            return off
        told = self._cover.told(made.start, made.end)
        # It is in what was published, and was judged then.
        if told and not any(made.later_than(one, self._zone) for one in told):
            return None
        owners = self._cover.owners(made.start, made.end, before)
        return (
            _made_before(made, swap, before, owners)
            or _wrong_giver(swap, owners)
            or self._taker_away(swap, owners)
            or _too_late(self._team, swap)
        )

    def _taker_away(self, swap: Swap, owners: Sequence[Segment]) -> Refusal | None:
        for one in owners:
            # A public holiday is no obstacle: it is covered for the new owner as for anybody.
            away = self._cover.calendar.firm(swap.take, one.start, one.end)
            if away and swap.give in (one.primary, one.secondary):
                message = f"{away[0].reason.text}; expected somebody who is there, or a part of the turn"
                return Refusal("take", message)
        return None

    def _override_refused(self, made: Agreed, override: Override, before: Sequence[Agreed]) -> Refusal | None:
        if not (override.primary or override.secondary):
            return Refusal("primary", "is missing; expected `primary`, `secondary` or both")
        if override.primary == override.secondary:
            return Refusal("secondary", f"{override.secondary!r} is the primary too; expected somebody else")
        if made.end <= made.start:
            return Refusal("to", "is not after `from`; expected a later wall time")
        return _contradicted(made, override, before) or self._named_away(made, override)

    def _named_away(self, made: Agreed, override: Override) -> Refusal | None:
        if override.force:
            return None
        calendar = self._cover.calendar
        for field, who in (("primary", override.primary), ("secondary", override.secondary)):
            away = calendar.firm(who, made.start, made.end) if who else []
            # Where the secondary covers holidays, a holiday of one's own excuses from being primary only.
            if who and (field == "primary" or self._team.holidays.rule == "excused"):
                away = away + calendar.holidays(who, made.start, made.end)
            if away:
                message = f"{away[0].reason.text}; expected somebody who is there, or `force: true`"
                return Refusal(field, message)
        return None


def _no_such_stretch(team: Team, made: Agreed, swap: Swap) -> Refusal | None:
    turn = turn_of(team, swap.turn)
    first = team.rotation.start + turn.index * team.rotation.turn
    if first != swap.turn:
        near = f"expected {first} or {first + team.rotation.turn}"
        return Refusal("turn", f"no turn starts on {swap.turn}; {near}")
    if turn.start <= made.start < made.end <= turn.end:
        return None
    zone = ZoneInfo(team.timezone)
    start, end = turn.start.astimezone(zone), turn.end.astimezone(zone)
    field = "to" if turn.start <= made.start < turn.end else "from"
    message = f"leads out of the turn; expected hours from {start:%Y-%m-%dT%H:%M} to {end:%Y-%m-%dT%H:%M}"
    return Refusal(field, message)


def _made_before(made: Agreed, swap: Swap, before: Sequence[Agreed], owners: Sequence[Segment]) -> Refusal | None:
    """That the same swap stands there already, and nothing since gave back what it gave."""
    here = [
        number
        for number, one in enumerate(before)
        if isinstance(one.change, Swap) and one.start < made.end and made.start < one.end
    ]
    same = [number for number in here if _stretch(before[number]) == _stretch(made)]
    if same and (same[-1] == here[-1] or not _gives(swap, owners)):
        return Refusal("turn", f"this swap was made before, by changes[{same[-1]}]; remove one of the two")
    return None


def _stretch(made: Agreed) -> tuple[object, ...]:
    swap = made.change
    return (made.start, made.end, swap.give, swap.take) if isinstance(swap, Swap) else ()


def _gives(swap: Swap, owners: Sequence[Segment]) -> bool:
    return any(swap.give in (one.primary, one.secondary) for one in owners)


def _wrong_giver(swap: Swap, owners: Sequence[Segment]) -> Refusal | None:
    if _gives(swap, owners):
        return None
    pairs = dict.fromkeys(f"{one.primary} with {one.secondary}" for one in owners)
    message = f"{swap.give!r} has no role in the turn of {swap.turn}; it is that of {', then '.join(pairs)}"
    return Refusal("give", message)


def _too_late(team: Team, swap: Swap) -> Refusal | None:
    if team.swaps is None or swap.emergency:
        return None
    start = swap.first or datetime.combine(swap.turn, time.fromisoformat(team.rotation.hour))
    latest = start - team.swaps.notice
    requested = swap.requested
    # A date without an hour counts from its first minute, in favour of who asked.
    if (requested if isinstance(requested, datetime) else datetime.combine(requested, time())) <= latest:
        return None
    shown = f"{requested:%Y-%m-%d %H:%M}" if isinstance(requested, datetime) else f"{requested}"
    message = (
        f"{shown} is too late: the notice of {_words(team.swaps.notice)} ended on {latest:%a %Y-%m-%d %H:%M} "
        f"({team.timezone}); expected an earlier request, or `emergency: <who approved>`"
    )
    return Refusal("requested", message)


def _words(length: timedelta) -> str:
    units = (("week", timedelta(weeks=1)), ("day", timedelta(days=1)), ("hour", timedelta(hours=1)))
    unit, size = next((one for one in units if not length % one[1]), ("minute", timedelta(minutes=1)))
    number = length // size
    return f"{number} {unit}{'s' * (number != 1)}"


def _contradicted(made: Agreed, override: Override, before: Sequence[Agreed]) -> Refusal | None:
    for number, one in enumerate(before):
        overlaps = one.start < made.end and made.start < one.end
        if overlaps and isinstance(one.change, Override) and not _agree(one.change, override):
            message = f"overlaps changes[{number}], which names others; expected one of the two to make room"
            return Refusal("from", message)
    return None


def _agree(one: Override, other: Override) -> bool:
    """Whether both can hold at once: nobody in two roles, and no role with two people."""
    named = {(role, who) for each in (one, other) for role, who in _roles(each) if who}
    return len({role for role, _ in named}) == len(named) == len({who for _, who in named})


def _roles(override: Override) -> tuple[tuple[str, str | None], ...]:
    return ("primary", override.primary), ("secondary", override.secondary)
