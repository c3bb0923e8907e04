"""Putting what people are to be told into the outbox: the pages that are due, and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from oncall_assets.handbook.escalation import Urgency
from oncall_assets.handbook.team import WORST_FIRST
from oncall_assets.incidents.case import Desk, grade_of
from oncall_assets.incidents.ledger.ledger import Ledger, Letter, Pen
from oncall_assets.incidents.ledger.records import Announcement
from oncall_assets.incidents.page import Reaching, Sofar, page_for, update_for
from oncall_assets.incidents.policy.decide import Reason
from oncall_assets.incidents.policy.escalation import Standing, Telling, clocks, due
from oncall_assets.incidents.policy.grading import Grade
from oncall_assets.incidents.policy.recipients import can_be_told, everyone, shift_at
from oncall_assets.incidents.policy.silences import silenced
from oncall_assets.notify.channel import Channel, preferred
from oncall_assets.notify.message import Message, Notice, Tone
from oncall_assets.rota.office import next_working

_LISTED = 6

_TONES: dict[Reason, Tone] = {
    Reason.ESCALATED: "escalated",
    Reason.REMINDED: "reminded",
    Reason.RETURNED: "returned",
    Reason.RAISED: "raised",
}


@dataclass(frozen=True)
class Teller:
    """Writes letters for the courier; `channels` are tried for each person, `last_resort` if none reaches them."""

    ledger: Ledger
    channels: Sequence[Channel]
    last_resort: Channel

    def escalate(self, desk: Desk, now: datetime) -> tuple[Counter[Reason], Counter[Reason]]:
        """Tell everyone who is due of the open incidents; why people were told, and why others were not."""
        done: Counter[Reason] = Counter()
        quiet: Counter[Reason] = Counter()
        if not self.ledger.open_count():
            return done, quiet
        with self.ledger.writing() as pen:
            silences = pen.silences(now)
            for found in pen.standings():
                standing = self.grade_anew(pen, found, desk, now)
                done[Reason.RAISED] += standing is not found
                tellings, held = due(standing, desk.handbook, desk.rota, silences, now)
                # That it opened was counted when it did.
                done.update(one.reason for one in tellings if one.reason is not Reason.OPENED)
                quiet.update(one.reason for one in held)
                for telling in tellings:
                    if telling.restart:
                        standing = pen.restart(standing.number, _clocks(standing, desk, now), now, telling.reason)
                    self.page(pen, telling, standing, desk, now)
        return +done, quiet

    def grade_anew(self, pen: Pen, standing: Standing, desk: Desk, now: datetime) -> Standing:
        """The incident as bad as it is at this hour: as a month ends, what was minor may be no longer."""
        if standing.pipeline not in desk.handbook.team.pipelines:
            # Only runbooks know of hours, and without its runbook it would pass for what nobody has graded.
            return standing
        graded = grade_of(standing.assets, (standing.pipeline,), None, desk, now)
        return self.raised(pen, standing, graded, desk, now)

    def raised(self, pen: Pen, standing: Standing, graded: Grade, desk: Desk, now: datetime) -> Standing:
        """If `graded` is worse or more urgent, its clock begins anew, and whoever has it hears so at once."""
        worse = _worse(standing, graded)
        if worse is None:
            return standing
        times = clocks(desk.handbook, worse.severity, worse.urgency, _primary(desk, now), now)
        before, standing = standing, pen.raise_to(standing.number, worse, times, now)
        # Whom nobody told yet, the first step tells.
        if standing.told and not _silenced(pen, standing, now):
            self.page(pen, _raise(before, worse, desk, now), standing, desk, now)
        return standing

    def announce(self, desk: Desk, now: datetime) -> None:
        """Tell those who were told of an incident that somebody has it, or that it is over."""
        waiting = self.ledger.unannounced()
        if not waiting:
            return
        with self.ledger.writing() as pen:
            for one in waiting:
                told = pen.told(one.number)
                if (told or not self._can_wait(one, desk, now)) and pen.announce(one.number, one.what):
                    self._announce(pen, one, told, desk, now)

    def notify(self, pen: Pen, notice: Notice, now: datetime) -> None:
        """Put a notice into the outbox for each channel that it goes over; not again where it is already."""
        for channel in self._over(notice, None):
            text = notice.model_dump_json()
            pen.post(Letter(0, notice.id, None, "notice", notice.to.key, channel.name, text, now), now)

    def mention(self, pen: Pen, notice: Notice, number: int, step: str, now: datetime) -> None:
        """Put a notice into the outbox that belongs to an incident, and to its story, under `step`."""
        for channel in self._over(notice, None):
            text, person = notice.model_dump_json(), notice.to.key
            pen.post(Letter(0, f"incident {number}", number, step, person, channel.name, text, now), now)

    def page(self, pen: Pen, telling: Telling, standing: Standing, desk: Desk, now: datetime) -> None:
        """Put the pages of a telling into the outbox; not again where they are already."""
        number, chosen = standing.number, desk.handbook.team.severities[standing.severity].via
        case, opened_by = pen.case(number), pen.opened_by(number)
        others, more = pen.others(number, _LISTED)
        sofar = Sofar(opened_by, pen.repeats(number), tuple(others), more)
        for person in telling.people:
            reaching = Reaching(person, telling.step, _TONES.get(telling.reason, "opened"), telling.why)
            page = page_for(reaching, case, standing, sofar, desk, now)
            text = page.model_dump_json()
            for channel in self._over(page, chosen):
                letter = Letter(0, f"incident {number}", number, telling.step, person, channel.name, text, now)
                pen.post(letter, now)

    def via(self, person: str, chosen: Sequence[str] | None) -> list[Channel]:
        """The channels to a person: those `chosen` that reach them, else all that do, else the last resort."""
        reaching = [channel for channel in self.channels if channel.reaches(person)]
        return preferred(reaching, chosen) or [self.last_resort]

    def _over(self, message: Message, chosen: Sequence[str] | None) -> list[Channel]:
        found = [channel for channel in self.via(message.to.key, chosen) if channel.takes(message)]
        return found or [self.last_resort]

    def _can_wait(self, one: Announcement, desk: Desk, now: datetime) -> bool:
        """Whether it is left to business hours, and whoever is on call is not at work."""
        primary = _primary(desk, now)
        if primary is None or next_working(desk.handbook, primary, now) <= now:
            return False
        return self.ledger.incident(one.number).urgency == "business_hours"

    def _announce(
        self, pen: Pen, one: Announcement, told: Sequence[tuple[str, str]], desk: Desk, now: datetime
    ) -> None:
        if not told and not one.silenced and (primary := _primary(desk, now)):
            # It was over before anybody was told; whoever is on call should know that it happened.
            told = [(primary, channel.name) for channel in self.via(primary, None)]
        by_name = {channel.name: channel for channel in (self.last_resort, *self.channels)}
        case, step = pen.case(one.number), f"{one.round} {one.what}"
        for person, name in told:
            if name in by_name and can_be_told(person, desk.handbook, now):
                update = update_for(one, case, pen.opened_by(one.number), person, step, desk, now)
                if by_name[name].takes(update):
                    text, subject = update.model_dump_json(), f"incident {one.number}"
                    pen.post(Letter(0, subject, one.number, step, person, name, text, now), now)


def _worse(standing: Standing, graded: Grade) -> Grade | None:
    """The worse of both; None if that is how the incident stands already."""
    severity = min(standing.severity, graded.severity, key=WORST_FIRST.index)
    urgency: Urgency = "any_time" if "any_time" in (standing.urgency, graded.urgency) else "business_hours"
    if (severity, urgency) == (standing.severity, standing.urgency):
        return None
    return Grade(severity, urgency, graded.why)


def _raise(before: Standing, worse: Grade, desk: Desk, now: datetime) -> Telling:
    """The telling to whoever has it, or else everybody, that it is `worse` than `before`."""
    found = (before.acknowledged_by, _primary(desk, now))
    people = tuple(dict.fromkeys(who for who in found if who and can_be_told(who, desk.handbook, now)))
    step, words = f"{before.round}.0 {worse.severity}", f"it is {worse.severity} now and was {before.severity}"
    if worse.severity == before.severity:
        step, words = f"{before.round}.0 {worse.urgency}", "it waits for business hours no longer"
    why = f"{words}: {'; '.join(worse.why) or 'more is hit than was'}"
    return Telling(step, people or everyone(desk.handbook, now), Reason.RAISED, why)


def _silenced(pen: Pen, standing: Standing, now: datetime) -> bool:
    found = silenced(pen.silences(now), standing.assets, standing.pipeline, standing.targets, now)
    return found is not None


def _primary(desk: Desk, now: datetime) -> str | None:
    shift = shift_at(desk.rota, now)
    return shift.primary if shift else None


def _clocks(standing: Standing, desk: Desk, now: datetime) -> tuple[datetime, datetime, datetime]:
    """Of a round that begins now: whom it tells may be told now, whatever the hour."""
    return clocks(desk.handbook, standing.severity, "any_time", None, now)
