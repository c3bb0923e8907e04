"""Decisions and what they change, written in a few statements however many they are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from oncall_assets.incidents.ledger.letters import chunks
from oncall_assets.incidents.ledger.tables import decisions, events, faults, incidents
from oncall_assets.incidents.policy.decide import Decision, Reason
from oncall_assets.incidents.policy.faults import Fault, FaultKey
from oncall_assets.incidents.signals.kinds import CheckPassed, RunSucceeded, Signal, Trouble, TroubleOver

Values = dict[str, Any]


def record(connection: Connection, decided: Sequence[Decision], at: datetime) -> None:
    """Write the decisions and their effects, in their order. Raises KeyError for an incident never opened."""
    if not decided:
        return
    book = _Book(*_known(connection, decided))
    for decision in decided:
        book.apply(decision)
    book.write(connection)
    connection.execute(insert(decisions), [_decision(one, book.numbers, at) for one in decided])


def fault_name(key: FaultKey) -> str:
    """The fault as people read it: `orders:complete @ 2026-01-07`."""
    target, partition = key
    return f"{target} @ {partition}" if partition else target


@dataclass
class _Row:
    """A fault's row as it is to be; without `id` it is new."""

    id: int | None
    values: Values

    @property
    def is_open(self) -> bool:
        return self.values["cleared_at"] is None


@dataclass
class _Change:
    """What an incident comes to: how often it failed again, and what to write of it if it is over."""

    repeats: int
    over: Values | None = None


@dataclass
class _Book:
    """The incidents concerned, their faults and what the decisions do to them, in memory until all is known."""

    numbers: dict[str, int]
    incidents: dict[int, _Change]
    rows: dict[tuple[int, str], _Row]
    causes: set[tuple[int, str]]
    touched: dict[tuple[int, str], _Row] = field(default_factory=dict)
    story: list[Values] = field(default_factory=list)

    def apply(self, decision: Decision) -> None:
        signal = decision.signal
        if decision.incidents and decision.failed:
            number = self.numbers[decision.incidents[0]]
            for fault in decision.failed:
                self._failed(number, fault, decision)
            self.incidents[number].repeats += decision.reason is Reason.REPEATED
        for opened_by, key in decision.cleared:
            self._cleared(self.numbers[opened_by], key, signal.at)
        for opened_by in decision.resolved:
            self._resolved(self.numbers[opened_by], signal)

    def write(self, connection: Connection) -> None:
        known = [(row.id, row.values) for row in self.touched.values() if row.id is not None]
        _each(connection, faults, ("run_id", "assets", "last_failed_at", "failures", "cleared_at"), known)
        new = [row.values for row in self.touched.values() if row.id is None]
        if new:
            connection.execute(insert(faults), new)
        again = [(number, {"repeats": one.repeats}) for number, one in self.incidents.items()]
        _each(connection, incidents, ("repeats",), again)
        over = [(number, one.over) for number, one in self.incidents.items() if one.over]
        _each(connection, incidents, ("resolved_at", "resolution", "tell_resolved"), over)
        if self.story:
            connection.execute(insert(events), self.story)

    def _failed(self, number: int, fault: Fault, decision: Decision) -> None:
        key = digest(fault.key)
        row = self.rows.get((number, key))
        latest = {
            "run_id": fault.run_id,
            "assets": json.dumps(fault.assets),
            "last_failed_at": fault.last_failed_at,
        }
        if row is None:
            self._begun(number, fault, decision, latest)
            return
        if not row.is_open:
            self._tell(number, decision.signal.at, "failed again", fault.key)
        row.values |= latest | {"failures": row.values["failures"] + 1, "cleared_at": None}
        self.touched[number, key] = row

    def _begun(self, number: int, fault: Fault, decision: Decision, latest: Values) -> None:
        signal = decision.signal
        opens = decision.reason is Reason.OPENED
        if opens:
            self.causes.add((number, fault.target))
        if not opens:
            self._tell(number, signal.at, "joined", fault.key)
        key = digest(fault.key)
        values = {
            "incident_id": number,
            "key": key,
            "target": fault.target,
            "partition": fault.partition or "",
            "kind": signal.kind if isinstance(signal, Trouble) else type(signal).__name__,
            # The same check on another day is more of the same, not a consequence.
            "is_cause": (number, fault.target) in self.causes,
            "opened_at": signal.at,
            "failures": 1,
            "cleared_at": None,
        }
        self.rows[number, key] = self.touched[number, key] = _Row(None, values | latest)

    def _cleared(self, number: int, key: FaultKey, at: datetime) -> None:
        row = self.rows[number, digest(key)]
        row.values["cleared_at"] = at
        self.touched[number, digest(key)] = row
        self._tell(number, at, "cleared", key)

    def _resolved(self, number: int, signal: Signal) -> None:
        because = _because(signal)
        over = {"resolved_at": signal.at, "resolution": because, "tell_resolved": True}
        self.incidents[number].over = over
        self.story.append(_event(number, signal.at, "resolved", because))

    def _tell(self, number: int, at: datetime, what: str, key: FaultKey) -> None:
        self.story.append(_event(number, at, what, fault_name(key)))


def digest(key: FaultKey) -> str:
    """Names a fault in few enough letters for an index; a fault without a partition is one with an empty one."""
    target, partition = key
    return sha256(json.dumps([target, partition or ""]).encode()).hexdigest()


def _known(
    connection: Connection, decided: Sequence[Decision]
) -> tuple[dict[str, int], dict[int, _Change], dict[tuple[int, str], _Row], set[tuple[int, str]]]:
    """The incidents that the decisions name, the faults they name there, and the targets that are causes there."""
    named = {one for decision in decided for one in (*decision.incidents, *decision.resolved)}
    named |= {opened_by for decision in decided for opened_by, _ in decision.cleared}
    numbers: dict[str, int] = {}
    changes: dict[int, _Change] = {}
    for some in chunks(sorted(named)):
        for row in connection.execute(select(incidents).where(incidents.c.opened_by.in_(some))):
            numbers[row.opened_by] = row.id
            changes[row.id] = _Change(row.repeats)
    keys = {digest(fault.key) for decision in decided for fault in decision.failed}
    keys |= {digest(key) for decision in decided for _, key in decision.cleared}
    rows: dict[tuple[int, str], _Row] = {}
    causes: set[tuple[int, str]] = set()
    for some_numbers in chunks(sorted(changes)):
        of_theirs = faults.c.incident_id.in_(some_numbers)
        cause = select(faults.c.incident_id, faults.c.target).where(of_theirs, faults.c.is_cause).distinct()
        causes.update((row.incident_id, row.target) for row in connection.execute(cause))
        for some_keys in chunks(sorted(keys)):
            for found in connection.execute(select(faults).where(of_theirs, faults.c.key.in_(some_keys))):
                rows[found.incident_id, found.key] = _Row(found.id, dict(found._mapping))
    return numbers, changes, rows, causes


def _decision(decision: Decision, numbers: dict[str, int], at: datetime) -> Values:
    signal = decision.signal
    return {
        "signal_id": signal.id,
        "kind": type(signal).__name__,
        "run_id": signal.run_id,
        "happened_at": signal.at,
        "decided_at": at,
        "reason": decision.reason.value,
        "incident_id": numbers[decision.incidents[0]] if decision.incidents else None,
    }


def _each(
    connection: Connection, table: Any, names: Iterable[str], rows: Sequence[tuple[int | None, Values]]
) -> None:
    """Update each row by its id."""
    if rows:
        names = tuple(names)
        change = update(table).where(table.c.id == bindparam("number"))
        values = [{"number": number, **{f"new_{name}": row[name] for name in names}} for number, row in rows]
        connection.execute(change.values({name: bindparam(f"new_{name}") for name in names}), values)


def _event(number: int, at: datetime, what: str, text: str) -> Values:
    return {"incident_id": number, "at": at, "what": what, "text": text}


def _because(signal: Signal) -> str:
    match signal:
        case CheckPassed():
            return f"check {signal.check} of {signal.asset} passed"
        case RunSucceeded():
            return f"run {signal.run_id[:8]} of job {signal.job} succeeded"
        case TroubleOver():
            return f"{signal.target}: it is gone"
    return f"a {type(signal).__name__} ended it"
