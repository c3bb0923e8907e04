"""What one tick writes, together or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from oncall_assets.incidents.ledger import open_incidents as reads
from oncall_assets.incidents.ledger.letters import FAILED, chunks, put
from oncall_assets.incidents.ledger.numbered import happened, open_incident, rise
from oncall_assets.incidents.ledger.quiet import in_force
from oncall_assets.incidents.ledger.recording import fault_name, record
from oncall_assets.incidents.ledger.records import Event, Letter, Outcome
from oncall_assets.incidents.ledger.tables import decisions, events, faults, incidents, is_uncleared, outbox
from oncall_assets.incidents.policy.decide import Decision, OpenIncident, Reason
from oncall_assets.incidents.policy.grading import Grade
from oncall_assets.incidents.policy.silences import Silence
from oncall_assets.incidents.policy.standing import Standing
from oncall_assets.notify.message import Case, length

# When the clock of an incident began, until when it is to be answered, and until when it is to be over.
Clocks = tuple[datetime, datetime, datetime]

# From then on a story says that the pager was late, not the people.
_LATE = timedelta(minutes=1)

_BELONGS = [Reason.OPENED, Reason.REPEATED, Reason.CAUSED]


class Pen:
    """Reads and writes in one transaction of the ledger."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def unknown(self, signal_ids: Iterable[str]) -> set[str]:
        """Those of the signals that nothing was decided about."""
        return unknown(self._connection, signal_ids)

    def open_incidents(self) -> list[OpenIncident]:
        """What is open, with its open faults, oldest first."""
        return reads.open_incidents(self._connection)

    def incidents_of(self, signal_ids: Sequence[str]) -> dict[str, str]:
        """The incident, by the id that opened it, that each of these failures opened, repeated or belongs to."""
        found: dict[str, str] = {}
        both = select(decisions.c.signal_id, incidents.c.opened_by).join(incidents)
        for some in chunks(signal_ids):
            chosen = both.where(decisions.c.signal_id.in_(some), decisions.c.reason.in_(_BELONGS))
            found.update((row.signal_id, row.opened_by) for row in self._connection.execute(chosen))
        return found

    def open(
        self, decision: Decision, case: Case, grade: Grade, clocks: Clocks, at: datetime, tell: str | None = None
    ) -> int:
        """A new incident's number, for an OPENED decision; its faults come when the decision is recorded.

        It opened when what the decision is about happened; `at` is when that was noticed.
        """
        happened_at = decision.signal.at
        values = {
            "opened_by": decision.incidents[0],
            "about": case.model_dump_json(),
            "title": case.title,
            "pipeline": case.pipeline,
            "tell": tell,
            "opened_at": happened_at,
            **_graded(grade, clocks),
        }
        query = insert(incidents).values(values).returning(incidents.c.id)
        number = int(self._connection.execute(query).scalar_one())
        late = at - happened_at
        noticed = f" (noticed {length(late)} later)" if late >= _LATE else ""
        happened(self._connection, number, happened_at, "opened", case.title + noticed)
        return number

    def record(self, decided: Sequence[Decision], at: datetime) -> None:
        """Decisions and their effects, in their order; every incident they name must have been opened."""
        record(self._connection, decided, at)

    def number(self, opened_by: str) -> int:
        """The number of the incident that this signal opened."""
        query = select(incidents.c.id).where(incidents.c.opened_by == opened_by)
        return int(self._connection.execute(query).scalar_one())

    def opened_by(self, number: int) -> str:
        """The id of the signal that opened it."""
        return str(self._incident(number).opened_by)

    def standings(self) -> list[Standing]:
        """Every open incident as the escalation sees it, oldest first."""
        return reads.standings(self._connection)

    def open_standing(self, number: int) -> Standing:
        """The incident as the escalation sees it. Raises LedgerError if there is none, or if it is over."""
        open_incident(self._connection, number)
        return self._standing(number)

    def partitions(self, number: int) -> list[str]:
        """Those of its open faults, in order, each once."""
        mine = (faults.c.incident_id == number, is_uncleared, faults.c.partition != "")
        query = select(faults.c.partition).where(*mine)
        return sorted(set(self._connection.execute(query).scalars()))

    def lines(self, number: int, what: str) -> list[Event]:
        """The lines of its story of this kind, in order."""
        mine = (events.c.incident_id == number, events.c.what == what)
        rows = self._connection.execute(select(events).where(*mine).order_by(events.c.id))
        return [Event(row.at, row.what, row.who, row.text) for row in rows]

    def line(self, number: int, event: Event) -> None:
        """Add a line to its story."""
        happened(self._connection, number, event.at, event.what, event.text, event.who)

    def case(self, number: int) -> Case:
        """What the incident is about, at its present severity."""
        return case_from(self._incident(number))

    def repeats(self, number: int) -> int:
        """How often it failed again."""
        return int(self._incident(number).repeats)

    def others(self, number: int, limit: int) -> tuple[list[str], int]:
        """At most `limit` of the open faults beyond its first, as `target @ partition`, and how many more."""
        mine = faults.c.incident_id == number
        first = select(func.min(faults.c.id)).where(mine).scalar_subquery()
        beyond = (mine, is_uncleared, faults.c.id != first)
        query = select(faults.c.target, faults.c.partition).where(*beyond).order_by(faults.c.id).limit(limit)
        named = [fault_name((row.target, row.partition)) for row in self._connection.execute(query)]
        count = self._connection.execute(select(func.count()).select_from(faults).where(*beyond)).scalar_one()
        return named, count - len(named)

    def raise_to(self, number: int, grade: Grade, clocks: Clocks, at: datetime) -> Standing:
        """The incident is worse than it was: how it stands now."""
        before = self._incident(number).severity
        self._change(number, **_graded(grade, clocks))
        because = f": {'; '.join(grade.why)}" if grade.why else ""
        happened(self._connection, number, at, "raised", rise(before, grade.severity) + because)
        return self._standing(number)

    def restart(self, number: int, clocks: Clocks, at: datetime, reason: Reason) -> Standing:
        """A new round of the escalation begins and an acknowledgement lapses: how the incident stands now."""
        row = self._incident(number)
        lapsed = {"acknowledged_at": None, "acknowledged_by": None, "tell_acknowledged": False}
        self._change(number, round=row.round + 1, **_clocked(clocks), **lapsed)
        what = "returned" if reason is Reason.RETURNED else "reminded"
        happened(
            self._connection, number, at, what, f"{reason}; round {row.round + 1} begins", row.acknowledged_by
        )
        return self._standing(number)

    def post(self, letter: Letter, at: datetime) -> bool:
        """Put a letter into the outbox; False if the person has its like on that channel. Its `id` is ignored."""
        return put(self._connection, letter, at)

    def told(self, number: int) -> list[tuple[str, str]]:
        """Person and channel of each page of the incident that arrived or is on its way, each once."""
        pages = (outbox.c.incident_id == number, outbox.c.kind == "page", outbox.c.state != FAILED)
        query = select(outbox.c.person, outbox.c.channel).where(*pages).order_by(outbox.c.id)
        return list(dict.fromkeys((row.person, row.channel) for row in self._connection.execute(query)))

    def silences(self, at: datetime) -> list[Silence]:
        """Those in force, oldest first."""
        return in_force(self._connection, at)

    def announce(self, number: int, what: Outcome) -> bool:
        """Whether those told of the incident still had to hear of it; from now on they need not."""
        flag = incidents.c[f"tell_{what}"]
        done = update(incidents).where(incidents.c.id == number, flag).values({flag: False})
        return self._connection.execute(done).rowcount == 1

    def _incident(self, number: int) -> Row[Any]:
        return self._connection.execute(select(incidents).where(incidents.c.id == number)).one()

    def _standing(self, number: int) -> Standing:
        return reads.standings(self._connection, incidents.c.id == number)[0]

    def _change(self, number: int, **values: Any) -> None:
        self._connection.execute(update(incidents).where(incidents.c.id == number).values(values))


def case_from(incident: Row[Any]) -> Case:
    """What the incident of this row is about, at its present severity."""
    return Case.model_validate_json(incident.about).model_copy(update={"severity": incident.severity})


def unknown(connection: Connection, signal_ids: Iterable[str]) -> set[str]:
    """Those of the signals that nothing was decided about."""
    asked = sorted(set(signal_ids))
    known: set[str] = set()
    for some in chunks(asked):
        query = select(decisions.c.signal_id).where(decisions.c.signal_id.in_(some))
        known.update(connection.execute(query).scalars())
    return set(asked) - known


def _graded(grade: Grade, clocks: Clocks) -> dict[str, Any]:
    return {"severity": grade.severity, "urgency": grade.urgency, **_clocked(clocks)}


def _clocked(clocks: Clocks) -> dict[str, datetime]:
    return dict(zip(("clock_from", "respond_by", "resolve_by"), clocks, strict=True))
