"""Who is told next of an incident, when and why, so that one that nobody answers never falls silent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.escalation import (
    EVERYONE,
    METRIC_OWNER,
    ON_CALL_PRIMARY,
    ON_CALL_SECONDARY,
    OWNERS,
)
from oncall_assets.incidents.policy.decide import Reason
from oncall_assets.incidents.policy.recipients import can_be_told, everyone, name_of, recipients, shift_at
from oncall_assets.incidents.policy.silences import Silence, silenced
from oncall_assets.incidents.policy.standing import Call, Held, Standing, Telling, calls, clocks
from oncall_assets.notify.message import instant, length
from oncall_assets.rota import Rota
from oncall_assets.rota.holidays import local_day
from oncall_assets.rota.office import next_working

__all__ = ["Held", "Standing", "Telling", "clocks", "due", "timeline"]

_ON_CALL = (ON_CALL_PRIMARY, ON_CALL_SECONDARY)


def due(
    standing: Standing, handbook: Handbook, rota: Rota, silences: Sequence[Silence], now: datetime
) -> tuple[list[Telling], list[Held]]:
    """Who is to be told at `now`, in order, and who is not, or why nobody is.

    A silence comes before all else, then an acknowledgement until the incident was to be resolved. After that each
    step that has come tells whom nobody told in this round, in their business hours where it waits for those. Once
    all were told and it was to be resolved, the next round begins. Who is not at work then holds it up, but no
    longer than as long again as the incident was given.
    """
    if silence := silenced(silences, standing.assets, standing.pipeline, standing.targets, now):
        until = instant(silence.ends, handbook.team.timezone)
        why = f"{name_of(silence.by, handbook)} silenced it until {until}: {silence.because}"
        return [], [Held(Reason.SILENCED, silence.ends, why)]
    scene = _Scene(standing, handbook, rota, now, calls(standing, handbook))
    return scene.unanswered() if standing.acknowledged_at is None else scene.acknowledged(standing.acknowledged_at)


@dataclass(frozen=True)
class _Scene:
    standing: Standing
    handbook: Handbook
    rota: Rota
    now: datetime
    calls: list[Call]

    def acknowledged(self, at: datetime) -> tuple[list[Telling], list[Held]]:
        who, resolve_by = self.standing.acknowledged_by, self.standing.resolve_by
        said = f"{name_of(who, self.handbook)} acknowledged at {self._instant(at)}"
        if self.now < resolve_by:
            why = f"{said}; if it is still open, it comes back at {self._instant(resolve_by)}"
            return [], [Held(Reason.ACKNOWLEDGED, resolve_by, why)]
        known = (who,) if who is not None and can_be_told(who, self.handbook, self.now) else ()
        primary = recipients(ON_CALL_PRIMARY, None, self.handbook, self.rota, self.now)
        why = f"{said}, but it was to be resolved by {self._instant(resolve_by)}"
        return self._next_round("0 acknowledged", tuple(dict.fromkeys((*known, *primary))), Reason.RETURNED, why)

    def unanswered(self) -> tuple[list[Telling], list[Held]]:
        one, first = self.standing, self.calls[0]
        come = [call for call in self.calls if call.at <= self.now]
        if not one.told and come and (come[-1].at > first.at or self.now >= one.respond_by):
            # Nobody could be told for long, as in a silence: the first have their time before others are woken.
            late, _, held = self._tell([call for call in come if call.at == first.at], one.round + 1)
            if late:
                return [replace(late[0], restart=True), *late[1:]], held
        tellings, waiting, held = self._tell(come, one.round)
        if not tellings and len(come) == len(self.calls) and self._is_over(waiting):
            why = f"nobody acknowledged it, and it was to be resolved by {self._instant(one.resolve_by)}"
            tellings, later = self._next_round(f"1 {first.tell}", self._people(first), Reason.REMINDED, why)
            held = [*held, *later]
        return tellings, held if tellings or held else [self._quiet(len(come))]

    def _tell(self, come: Sequence[Call], number: int) -> tuple[list[Telling], list[str], list[Held]]:
        """What the steps that have come tell in round `number`, who of them must wait, and why."""
        told = set(self.standing.told)
        tellings: list[Telling] = []
        waiting: list[str] = []
        held: list[Held] = []
        for call in come:
            people = self._people(call)
            fresh = [who for who in people if who not in told]
            told.update(fresh)
            ready = tuple(who for who in fresh if self._may_be_told(who))
            later = [who for who in fresh if who not in ready]
            if ready:
                tellings.append(Telling(f"{number}.{call.number} {call.tell}", ready, *self._reason(call)))
            if later:
                waiting += later
                held.append(self._office_hours(later))
            if not people:
                reason = Reason.NOBODY if call.tell in _ON_CALL else Reason.TOLD
                held.append(Held(reason, None, f"{call.tell} is nobody who can be told"))
        return tellings, waiting, held

    def _next_round(
        self, step: str, people: tuple[str, ...], reason: Reason, why: str
    ) -> tuple[list[Telling], list[Held]]:
        people = people or everyone(self.handbook, self.now)
        ready = tuple(who for who in people if self._may_be_told(who))
        if not ready:
            return [], [self._office_hours(people)]
        return [Telling(f"{self.standing.round + 1}.{step}", ready, reason, why, restart=True)], []

    def _is_over(self, waiting: Sequence[str]) -> bool:
        """Whether the round has run out, and nobody who waits for business hours is back soon."""
        one = self.standing
        latest = one.resolve_by + (one.resolve_by - one.clock_from)
        soon = (who for who in waiting if next_working(self.handbook, who, self.now) <= latest)
        return self.now >= one.resolve_by and not any(soon)

    def _people(self, call: Call) -> tuple[str, ...]:
        """Whom the step means now; everybody where the first step would be nobody's."""
        found = recipients(call.tell, self.standing.pipeline, self.handbook, self.rota, self.now)
        return found or (everyone(self.handbook, self.now) if call == self.calls[0] else ())

    def _may_be_told(self, who: str) -> bool:
        at_any_time = self.standing.urgency == "any_time"
        return at_any_time or next_working(self.handbook, who, self.now) <= self.now

    def _reason(self, call: Call) -> tuple[Reason, str]:
        pipeline = self.standing.pipeline
        if call.after > timedelta(0):
            why = f"nobody acknowledged within {length(call.after)}, and {self._role(call.tell)}"
            return Reason.ESCALATED, why
        if not recipients(call.tell, pipeline, self.handbook, self.rota, self.now):
            who = "nobody is on call" if call.tell in _ON_CALL else f"{call.tell} is nobody who can be told"
            return Reason.NOBODY, f"{who}, so everybody is told"
        reason = Reason.OPENED if self.standing.round == 1 else Reason.REMINDED
        shift = shift_at(self.rota, self.now)
        if call.tell == ON_CALL_PRIMARY and self.standing.told and shift and shift.start > call.at:
            came = self._instant(shift.start)
            return reason, f"you are on call (primary) since {came}, and nobody has acknowledged it yet"
        return reason, self._role(call.tell)

    def _role(self, tell: str) -> str:
        """What the people of a step are to the incident."""
        return {
            ON_CALL_PRIMARY: "you are on call (primary)",
            ON_CALL_SECONDARY: "you are on call (secondary)",
            OWNERS: f"you own {self.standing.pipeline}",
            METRIC_OWNER: f"you answer for the figures of {self.standing.pipeline}",
            EVERYONE: "everybody of the team is told",
        }.get(tell, f"{name_of(tell, self.handbook)} is to be told of it")

    def _office_hours(self, people: Sequence[str]) -> Held:
        until, who = min((next_working(self.handbook, who, self.now), who) for who in people)
        names = ", ".join(name_of(one, self.handbook) for one in people)
        why = f"it waits for the business hours of {names}; {name_of(who, self.handbook)} works from"
        return Held(Reason.OFFICE_HOURS, until, f"{why} {self._instant(until)}")

    def _quiet(self, come: int) -> Held:
        """Nothing is due: until when, and what comes then."""
        if not come:
            start = self.standing.clock_from
            return Held(Reason.OFFICE_HOURS, start, f"it can wait for business hours, from {self._instant(start)}")
        if come == len(self.calls):
            until, then = self.standing.resolve_by, "it starts over"
        else:
            until, then = self.calls[come].at, f"{self.calls[come].tell} is told"
        return Held(Reason.TOLD, until, f"if nobody acknowledges, {then} at {self._instant(until)}")

    def _instant(self, at: datetime) -> str:
        return instant(at, self.handbook.team.timezone)


def timeline(
    standing: Standing, handbook: Handbook, rota: Rota, silences: Sequence[Silence], until: datetime
) -> list[tuple[datetime, Telling | Held]]:
    """What would be told when, and what held back, from now on to `until`, if nobody acknowledges.

    Now is when the incident was opened, or when its later round began. That all who are due were told is left out.
    """
    found: list[tuple[datetime, Telling | Held]] = []
    known: list[Held] = []
    now: datetime | None = standing.opened_at if standing.round == 1 else standing.clock_from
    while now is not None and now <= until:
        tellings, held = due(standing, handbook, rota, silences, now)
        found += ((now, one) for one in tellings)
        found += ((now, one) for one in held if one.reason is not Reason.TOLD and one not in known)
        known = held
        if tellings:
            for one in tellings:
                standing = _after(standing, one, handbook, now)
        else:
            later = _changes(standing, handbook, rota, silences, now)
            now = min((at for at in (*later, *(one.until for one in held if one.until)) if at > now), default=None)
    return found


def _after(standing: Standing, telling: Telling, handbook: Handbook, now: datetime) -> Standing:
    """How the incident stands once the people of the telling were told."""
    if not telling.restart:
        return replace(standing, told=standing.told.union(telling.people))
    start, respond_by, resolve_by = clocks(handbook, standing.severity, "any_time", None, now)
    return replace(
        standing,
        round=standing.round + 1,
        clock_from=start,
        respond_by=respond_by,
        resolve_by=resolve_by,
        acknowledged_at=None,
        acknowledged_by=None,
        told=frozenset(telling.people),
    )


def _changes(
    standing: Standing, handbook: Handbook, rota: Rota, silences: Sequence[Silence], now: datetime
) -> Iterator[datetime]:
    """Instants at which it may change who is due."""
    yield from (call.at for call in calls(standing, handbook))
    yield standing.resolve_by
    for silence in silences:
        yield from (silence.starts, silence.ends)
    shift = shift_at(rota, now)
    if shift is not None:
        yield shift.end
    for engineer in handbook.team.engineers.values():
        zone = ZoneInfo(engineer.timezone)
        if engineer.joined:
            yield local_day(engineer.joined, zone)[0]
        if engineer.left:
            yield local_day(engineer.left, zone)[1]
