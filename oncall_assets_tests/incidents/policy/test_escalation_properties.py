"""What holds of every escalation that a team can write, at every hour, while simulated time goes by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.escalation import Urgency
from oncall_assets.incidents.policy.decide import Reason
from oncall_assets.incidents.policy.escalation import Standing, Telling, clocks, due, timeline
from oncall_assets.incidents.policy.recipients import recipients
from oncall_assets.incidents.policy.silences import Silence
from oncall_assets.rota import Rota
from oncall_assets.rota.office import is_working
from oncall_assets_tests.incidents.policy.promises import handbook, promise, standing
from oncall_assets_tests.rota.teams import away, team

HOMES = {
    "ann": {"region": "GB-ENG", "timezone": "Europe/London"},
    "ben": {"region": "US-NY", "timezone": "America/New_York"},
    "cat": {"region": "AU-NSW", "timezone": "Australia/Sydney"},
    "dan": {"region": "IN", "timezone": "Asia/Kolkata"},
}
ROLES = ["on_call.primary", "on_call.secondary", "owners", "everyone", "metric_owner", "cat", "finance"]
AFTER = ["15m", "respond", "2 * respond", "90m", "resolve"]
# Days of ticks take their time on a machine that does other things too.
CALM = settings(deadline=None, max_examples=60)
# A tick of the pager, coarse enough to walk through days.
TICK = timedelta(minutes=15)

_FIRST = datetime(2026, 1, 5, tzinfo=UTC)
instants = st.integers(0, 700 * 96).map(lambda ticks: _FIRST + ticks * TICK)


@dataclass(frozen=True)
class Case:
    """A handbook, and an incident that was opened `at` some instant."""

    book: Handbook
    rota: Rota
    one: Standing

    @property
    def resolve(self) -> timedelta:
        return self.one.resolve_by - self.one.clock_from


@st.composite
def cases(draw: st.DrawFn, urgency: Urgency = "any_time", first: Sequence[str] = ROLES) -> Case:
    later = draw(st.lists(st.tuples(st.sampled_from(ROLES), st.sampled_from(AFTER)), max_size=4))
    steps = [{"tell": draw(st.sampled_from(first))}, *({"tell": tell, "after": after} for tell, after in later)]
    respond, resolve = draw(st.sampled_from([("15m", "1h"), ("1h", "4h"), ("2h", "3h"), ("4h", "24h")]))
    gone = draw(st.lists(st.tuples(st.sampled_from(sorted(HOMES)), st.integers(0, 700)), max_size=2))
    days = [(who, date(2026, 1, 5) + timedelta(days=day)) for who, day in gone]
    more: dict[str, Any] = {
        "severities": {name: {"respond": respond, "resolve": resolve} for name in ("critical", "major", "minor")},
        "teams": {"finance": {"name": "Finance", "email": "f@example.com"}},
        "away": [away(who, day, day + timedelta(days=2), why="sailing") for who, day in days],
        "pipelines": {"profit": promise(primary="dan", secondary=["ben"])},
    }
    order = [("ann", "ben"), ("ben", "cat"), ("cat", "ann")]
    written = team(zone="Europe/London", turn="1 day", order=order, people=HOMES, escalation=steps, **more)
    book = handbook(written)
    rota, at = Rota(book), draw(instants)
    tell = draw(st.sampled_from([None, "dan", "finance"]))
    return Case(book, rota, standing(book, at, urgency, primary=rota.on_call(at).primary, tell=tell))


def told_after(case: Case, one: Standing, telling: Telling, now: datetime) -> Standing:
    """How the incident stands when the ledger has written down what was told."""
    if not telling.restart:
        return replace(one, told=one.told | set(telling.people))
    times = clocks(case.book, one.severity, "any_time", None, now)
    fresh = replace(
        one, round=one.round + 1, acknowledged_at=None, acknowledged_by=None, told=frozenset(telling.people)
    )
    return replace(fresh, clock_from=times[0], respond_by=times[1], resolve_by=times[2])


def walk(
    case: Case, lasting: timedelta, silences: Sequence[Silence] = ()
) -> Iterator[tuple[datetime, Standing, Telling]]:
    """Each telling of the time that follows, with how the incident stood before it."""
    one, now = case.one, case.one.opened_at
    while now <= case.one.opened_at + lasting:
        tellings, _ = due(one, case.book, case.rota, silences, now)
        for telling in tellings:
            yield now, one, telling
            one = told_after(case, one, telling, now)
        now = now if tellings else now + TICK


def _named(case: Case, now: datetime, roles: bool = True) -> set[str]:
    """Everybody whom some step means now, with or without those on call."""
    tells = [step.tell for step in case.book.escalation("profit")]
    meant = [tell for tell in tells if roles or not tell.startswith("on_call.")]
    return {who for tell in meant for who in recipients(tell, "profit", case.book, case.rota, now)}


@CALM
@given(cases())
def test_everybody_named_is_told_before_it_starts_over(case: Case) -> None:
    restarts = [(now, one) for now, one, telling in walk(case, 3 * case.resolve) if telling.restart]
    assert restarts
    for now, one in restarts:
        assert _named(case, now) <= one.told


@CALM
@given(cases())
def test_nobody_is_told_twice_in_a_round(case: Case) -> None:
    for _, one, telling in walk(case, 3 * case.resolve):
        assert set(telling.people) & (set() if telling.restart else one.told) == set()
        assert len(telling.people) == len(set(telling.people)) > 0


@CALM
@given(cases())
def test_no_step_comes_before_its_time_or_before_those_above_it_were_told(case: Case) -> None:
    steps = case.book.escalation("profit")
    for now, one, telling in walk(case, 3 * case.resolve):
        place = int(telling.step.split(" ")[0].partition(".")[2])
        after = steps[place - 1].after
        wait = after.length(one.respond_by - one.clock_from, case.resolve) if after else timedelta(0)
        assert telling.restart or now >= one.clock_from + wait
        above = [step.tell for step in steps[: place - 1]]
        assert {who for tell in above for who in recipients(tell, "profit", case.book, case.rota, now)} <= one.told


@CALM
@given(cases())
def test_it_is_never_silent_for_longer_than_twice_the_time_to_resolve(case: Case) -> None:
    lasting = 7 * case.resolve
    instants = [now for now, _, _ in walk(case, lasting)]
    ends = [*instants, case.one.opened_at + lasting]
    assert case.one.opened_at == instants[0]
    assert max(later - earlier for earlier, later in pairwise(ends)) <= 2 * case.resolve


@CALM
@given(cases(), st.integers(0, 8), st.integers(1, 30))
def test_a_silence_is_kept_and_always_ends(case: Case, start: int, length: int) -> None:
    starts = case.one.opened_at + start * TICK
    silence = Silence(1, "ann", "it is known", starts, starts + length * TICK, pipeline="profit")
    lasting = silence.ends - case.one.opened_at + 2 * case.resolve
    instants = [now for now, _, _ in walk(case, lasting, [silence])]
    assert [] == [now for now in instants if silence.starts <= now < silence.ends]
    assert any(silence.ends <= now for now in instants)


@CALM
@given(cases(), st.integers(0, 100), st.sampled_from(["ann", "dan"]))
def test_what_is_acknowledged_is_quiet_until_it_was_to_be_resolved_and_then_comes_back(
    case: Case, late: int, who: str
) -> None:
    at = case.one.opened_at + min(late * TICK, case.resolve - TICK)
    taken = replace(case.one, acknowledged_at=at, acknowledged_by=who, told=frozenset({"ann"}))
    (now, _, telling), *_ = walk(replace(case, one=taken), 2 * case.resolve)
    assert (taken.resolve_by, Reason.RETURNED, True) == (now, telling.reason, telling.restart)
    assert {who, case.rota.on_call(now).primary} == set(telling.people)


@CALM
@given(cases(first=["on_call.primary"]))
def test_whoever_is_on_call_knows_of_what_nobody_has_acknowledged(case: Case) -> None:
    now, told = case.one.opened_at, {case.one.opened_at: case.one}
    for at, one, telling in walk(case, timedelta(days=3)):
        told[at] = told_after(case, one, telling, at)
    while now <= case.one.opened_at + timedelta(days=3):
        latest = max(at for at in told if at <= now)
        assert case.rota.on_call(now).primary in told[latest].told
        now += TICK


@settings(CALM, max_examples=40)
@given(cases("business_hours"))
def test_what_can_wait_tells_people_only_at_work(case: Case) -> None:
    for now, _, telling in walk(case, timedelta(days=5)):
        assert [] == [who for who in telling.people if not is_working(case.book, who, now)]


@settings(CALM, max_examples=20)
@given(cases("business_hours", first=["on_call.primary", "dan"]))
def test_what_can_wait_reaches_everybody_named_in_the_end(case: Case) -> None:
    everyone = {who for _, _, telling in walk(case, timedelta(days=14)) for who in telling.people}
    assert _named(case, case.one.opened_at, roles=False) <= everyone


@settings(CALM, max_examples=60)
@given(cases() | cases("business_hours"), st.integers(0, 40), st.integers(1, 40))
def test_the_timeline_of_a_drill_is_what_ticks_would_do(case: Case, start: int, length: int) -> None:
    starts = case.one.opened_at + start * TICK
    silence = Silence(1, "ann", "it is known", starts, starts + length * TICK, check="profit:complete")
    expected = [(now, telling) for now, _, telling in walk(case, timedelta(days=3), [silence])]
    until = case.one.opened_at + timedelta(days=3)
    entries = timeline(case.one, case.book, case.rota, [silence], until)
    assert _on_ticks(expected) == _on_ticks([(at, one) for at, one in entries if isinstance(one, Telling)])


def _on_ticks(tellings: Sequence[tuple[datetime, Telling]]) -> list[tuple[datetime, str, tuple[str, ...]]]:
    """The tellings, each at the tick at or after its instant."""
    return [(at + (_FIRST - at) % TICK, one.step, one.people) for at, one in tellings]
