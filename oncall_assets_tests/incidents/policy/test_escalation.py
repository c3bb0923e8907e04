"""Who is told of an incident next, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from oncall_assets.handbook import Handbook
from oncall_assets.incidents.policy.decide import Reason
from oncall_assets.incidents.policy.escalation import Held, Standing, Telling, due
from oncall_assets.incidents.policy.silences import Silence
from oncall_assets.rota import Rota
from oncall_assets_tests.incidents.policy.promises import front_matter, handbook, promise, standing
from oncall_assets_tests.rota.teams import team, utc

# Ben's week: a Tuesday night.
NIGHT = utc("2026-02-10T02:00")
HOUR = timedelta(hours=1)
OPENED, ESCALATED, REMINDED = Reason.OPENED, Reason.ESCALATED, Reason.REMINDED


def _team(people: Mapping[str, Any] | None = None, **more: Any) -> Handbook:
    """Ann and ben take turns, cat owns profit; dan has left, eve joins on Wednesday."""
    coming = {"dan": {"left": date(2026, 2, 9)}, "eve": {"joined": date(2026, 2, 11)}}
    pipelines = {"profit": promise(primary="cat", secondary=["ben"])}
    everybody = {"cat": {}, **coming, **(people or {})}
    pairs = [("ann", "ben"), ("ben", "ann")]
    return handbook(team(zone="UTC", order=pairs, people=everybody, pipelines=pipelines, **more))


BOOK = _team()


class _Nobody(Rota):
    """A rota with a gap, which no handbook that was checked has."""

    def on_call(self, at: datetime) -> Any:
        raise LookupError(at)


def _due(
    one: Standing, now: datetime, book: Handbook = BOOK, *silences: Silence, rota: Rota | None = None
) -> tuple[list[Telling], list[Held]]:
    return due(one, book, rota or Rota(book), silences, now)


def _told(one: Standing, *people: str) -> Standing:
    return replace(one, told=frozenset(people))


NEW = standing(BOOK, NIGHT)


def test_the_primary_is_told_at_once() -> None:
    asked = Telling("1.1 on_call.primary", ("ben",), OPENED, "you are on call (primary)")
    assert ([asked], []) == _due(NEW, NIGHT)


def test_nothing_more_is_due_until_somebody_should_have_answered() -> None:
    tellings, (held,) = _due(_told(NEW, "ben"), NIGHT + timedelta(minutes=59))
    assert ([], Reason.TOLD, NIGHT + HOUR) == (tellings, held.reason, held.until)
    assert "if nobody acknowledges, on_call.secondary is told at 2026-02-10 03:00 UTC (Tue 03:00 UTC)" == held.why


def test_the_steps_of_the_team_follow_each_other() -> None:
    why = "nobody acknowledged within 1 h, and you are on call (secondary)"
    assert ([Telling("1.2 on_call.secondary", ("ann",), ESCALATED, why)], []) == _due(
        _told(NEW, "ben"), NIGHT + HOUR
    )
    why = "nobody acknowledged within 2 h, and you own profit"
    owners = [Telling("1.3 owners", ("cat",), ESCALATED, why)]
    assert (owners, []) == _due(_told(NEW, "ben", "ann"), NIGHT + 2 * HOUR)


def test_everyone_is_who_has_joined_and_not_left() -> None:
    (telling,), _ = _due(_told(NEW, "ben"), NIGHT + HOUR, _team(escalation=[{"tell": "everyone"}]))
    assert ("ann", "cat") == telling.people
    tomorrow = replace(_told(NEW, "ben"), clock_from=NIGHT + 24 * HOUR)
    (telling,), _ = _due(tomorrow, NIGHT + 24 * HOUR, _team(escalation=[{"tell": "everyone"}]))
    assert ("ann", "cat", "eve") == telling.people


def test_people_come_and_leave_at_their_own_midnight() -> None:
    book = _team({"eve": {"joined": date(2026, 2, 11), "timezone": "Asia/Kolkata"}}, escalation=[{"tell": "eve"}])
    assert Reason.NOBODY == _due(NEW, utc("2026-02-10T18:29"), book)[0][0].reason
    assert ("eve",) == _due(NEW, utc("2026-02-10T18:30"), book)[0][0].people


def test_after_all_were_told_it_starts_over_when_it_was_to_be_resolved() -> None:
    all_told = _told(NEW, "ann", "ben", "cat")
    tellings, (held,) = _due(
        all_told, NIGHT + 4 * HOUR - timedelta(seconds=1), _team(escalation=[{"tell": "owners"}])
    )
    assert ([], Reason.TOLD, NIGHT + 4 * HOUR) == (tellings, held.reason, held.until)
    why = "nobody acknowledged it, and it was to be resolved by 2026-02-10 06:00 UTC (Tue 06:00 UTC)"
    asked = Telling("2.1 on_call.primary", ("ben",), REMINDED, why, restart=True)
    assert ([asked], []) == _due(all_told, NIGHT + 4 * HOUR)


def test_those_of_the_last_step_are_told_before_it_starts_over() -> None:
    (telling,), _ = _due(_told(NEW, "ann", "ben"), NIGHT + 4 * HOUR)
    assert ("1.3 owners", ("cat",), False) == (telling.step, telling.people, telling.restart)


def test_a_later_round_reminds_whoever_is_on_call_then() -> None:
    later = replace(NEW, round=2, told=frozenset({"ann"}))
    (telling,), _ = _due(later, NIGHT)
    assert ("2.1 on_call.primary", ("ben",), REMINDED) == (telling.step, telling.people, telling.reason)


def test_who_takes_over_while_nobody_has_acknowledged_is_told() -> None:
    monday = standing(BOOK, utc("2026-02-16T08:30"), told=frozenset({"ben"}))
    assert [] == _due(monday, utc("2026-02-16T08:59"))[0]
    (telling,), _ = _due(monday, utc("2026-02-16T09:00"))
    since = (
        "you are on call (primary) since 2026-02-16 09:00 UTC (Mon 09:00 UTC), and nobody has acknowledged it yet"
    )
    assert Telling("1.1 on_call.primary", ("ann",), OPENED, since) == telling


def test_who_takes_over_before_anybody_was_told_is_told_as_the_first() -> None:
    monday = standing(BOOK, utc("2026-02-16T08:30"))
    (telling,), _ = _due(monday, utc("2026-02-16T09:00"))
    assert (("ann",), "you are on call (primary)") == (telling.people, telling.why)


def test_an_acknowledged_incident_is_quiet_until_it_was_to_be_resolved() -> None:
    taken = replace(_told(NEW, "ben"), acknowledged_at=NIGHT + HOUR, acknowledged_by="cat")
    why = "Cat acknowledged at 2026-02-10 03:00 UTC (Tue 03:00 UTC); if it is still open, it comes back at"
    held = Held(Reason.ACKNOWLEDGED, NIGHT + 4 * HOUR, f"{why} 2026-02-10 06:00 UTC (Tue 06:00 UTC)")
    assert ([], [held]) == _due(taken, NIGHT + 4 * HOUR - timedelta(seconds=1))


def test_an_acknowledged_incident_that_outlives_its_time_comes_back_to_who_took_it_and_who_is_on_call() -> None:
    taken = replace(_told(NEW, "ben"), acknowledged_at=NIGHT + HOUR, acknowledged_by="cat")
    why = "Cat acknowledged at 2026-02-10 03:00 UTC (Tue 03:00 UTC), but it was to be resolved by"
    why = f"{why} 2026-02-10 06:00 UTC (Tue 06:00 UTC)"
    asked = Telling("2.0 acknowledged", ("cat", "ben"), Reason.RETURNED, why, restart=True)
    assert ([asked], []) == _due(taken, NIGHT + 4 * HOUR)
    (again,), _ = _due(replace(taken, acknowledged_by="ben"), NIGHT + 4 * HOUR)
    assert ("ben",) == again.people


def test_an_acknowledgement_by_somebody_who_is_gone_comes_back_to_who_is_there() -> None:
    for who in ("dan", "somebody else", None):
        taken = replace(NEW, acknowledged_at=NIGHT, acknowledged_by=who)
        (telling,), _ = _due(taken, NIGHT + 4 * HOUR)
        assert ("ben",) == telling.people
        (telling,), _ = _due(taken, NIGHT + 4 * HOUR, rota=_Nobody(BOOK))
        assert ("ann", "ben", "cat") == telling.people


def test_a_silence_holds_everything_and_says_whose_it_is() -> None:
    silence = Silence(1, "cat", "the source moves", NIGHT, NIGHT + 3 * HOUR, asset="profit")
    held = Held(
        Reason.SILENCED,
        NIGHT + 3 * HOUR,
        "Cat silenced it until 2026-02-10 05:00 UTC (Tue 05:00 UTC): the source moves",
    )
    for one in (NEW, replace(NEW, acknowledged_at=NIGHT, acknowledged_by="ann", resolve_by=NIGHT)):
        assert ([], [held]) == _due(one, NIGHT + HOUR, BOOK, silence)


def test_after_a_silence_the_primary_has_their_time_before_others_are_woken() -> None:
    silence = Silence(1, "cat", "the source moves", NIGHT, NIGHT + 3 * HOUR, pipeline="profit")
    asked = Telling("2.1 on_call.primary", ("ben",), OPENED, "you are on call (primary)", restart=True)
    assert ([asked], []) == _due(NEW, NIGHT + 3 * HOUR, BOOK, silence)


def test_after_a_short_silence_too_the_primary_has_their_time_first() -> None:
    book = _team(escalation=[{"tell": "ann"}, {"tell": "cat", "after": "10m"}])
    asked = Telling("2.1 ann", ("ann",), OPENED, "Ann is to be told of it", restart=True)
    assert ([asked], []) == _due(NEW, NIGHT + timedelta(minutes=20), book)


def test_where_nobody_is_on_call_everybody_is_told() -> None:
    (telling,), held = _due(NEW, NIGHT, rota=_Nobody(BOOK))
    everybody = ("1.1 on_call.primary", ("ann", "ben", "cat"), Reason.NOBODY)
    assert everybody == (telling.step, telling.people, telling.reason)
    assert ("nobody is on call, so everybody is told", []) == (telling.why, held)
    _, held = _due(_told(NEW, "ann", "ben", "cat"), NIGHT + HOUR, rota=_Nobody(BOOK))
    assert [Held(Reason.NOBODY, None, "on_call.secondary is nobody who can be told")] == held


def test_an_escalation_that_begins_with_nobody_begins_with_everybody() -> None:
    book = _team(escalation=[{"tell": "owners"}])
    (telling,), _ = _due(replace(NEW, pipeline="forgotten"), NIGHT, book)
    assert (("ann", "ben", "cat"), Reason.NOBODY) == (telling.people, telling.reason)
    gone = _team(escalation=[{"tell": "dan"}])
    (telling,), _ = _due(NEW, NIGHT, gone)
    assert "dan is nobody who can be told, so everybody is told" == telling.why
    left = {who: {"left": date(2026, 1, 5)} for who in ("ann", "ben", "cat", "eve")}
    (telling,), _ = _due(NEW, NIGHT, _team(people=left, escalation=[{"tell": "dan"}]))
    assert ("ann", "ben", "cat", "dan", "eve") == telling.people


def test_a_later_step_of_nobody_is_passed_over() -> None:
    lost = replace(_told(NEW, "ann", "ben"), pipeline=None)
    assert ([], [Held(Reason.TOLD, None, "owners is nobody who can be told")]) == _due(lost, NIGHT + 2 * HOUR)
    (telling,), _ = _due(lost, NIGHT + 4 * HOUR)
    assert "1.4 everyone" == telling.step


def test_engineers_teams_and_metric_owners_can_be_steps() -> None:
    steps = [{"tell": "cat"}, {"tell": "finance"}, {"tell": "metric_owner", "after": "10m"}]
    book = _team(escalation=steps, teams={"finance": {"name": "Finance", "email": "f@example.com"}})
    first, second = _due(NEW, NIGHT, book)[0]
    assert ("Cat is to be told of it", "Finance is to be told of it") == (first.why, second.why)
    assert ((OPENED, "1.2 finance"), ("finance",)) == ((second.reason, second.step), second.people)
    (third,), _ = _due(_told(NEW, "cat", "finance"), NIGHT + timedelta(minutes=10), book)
    why = "nobody acknowledged within 10 min, and you answer for the figures of profit"
    assert Telling("1.3 metric_owner", ("metric_owner.profit",), ESCALATED, why) == third


def test_whom_the_incident_names_is_told_with_the_first_step() -> None:
    for name, key in (("cat", "cat"), ("metric_owner", "metric_owner.profit")):
        primary, other = _due(replace(NEW, tell=name), NIGHT)[0]
        assert (("1.1 on_call.primary", ("ben",)), (f"1.1 {name}", (key,))) == (
            (primary.step, primary.people),
            (other.step, other.people),
        )
    assert 1 == len(_due(replace(NEW, tell="ben"), NIGHT)[0])
    assert ["1.1 on_call.primary"] == [one.step for one in _due(replace(NEW, tell="dan"), NIGHT)[0]]


def test_a_runbook_may_have_steps_of_its_own() -> None:
    book = replace(
        BOOK, runbooks=handbook(BOOK.team, {"profit": front_matter(escalation=[{"tell": "cat"}])}).runbooks
    )
    assert ("cat",) == _due(NEW, NIGHT, book)[0][0].people
    assert ("ben",) == _due(replace(NEW, pipeline="growth"), NIGHT, book)[0][0].people


def test_no_step_comes_before_one_that_stands_above_it() -> None:
    book = _team(escalation=[{"tell": "ann"}, {"tell": "cat", "after": "2h"}, {"tell": "ben", "after": "1h"}])
    assert [] == _due(_told(NEW, "ann"), NIGHT + HOUR, book)[0]
    later = _due(_told(NEW, "ann"), NIGHT + 2 * HOUR, book)[0]
    assert ["1.2 cat", "1.3 ben"] == [one.step for one in later]
