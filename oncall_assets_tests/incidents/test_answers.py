"""What people's answers do to an incident: that they have it, that it is over, that it is to be quiet or wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.incidents.policy.decide import Reason
from oncall_assets.incidents.policy.silences import Silence
from oncall_assets_tests.incidents.company import crew
from oncall_assets_tests.incidents.conftest import NOW, Watch, crew_watch

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
WAITS = "severity: critical\nurgency: business_hours"


@pytest.fixture
def watch(crewed: Watch) -> Watch:
    return crewed


def test_an_acknowledgement_stops_it_and_those_told_hear_whose_it_is(watch: Watch) -> None:
    watch.report("rates")
    watch.tick()
    watch.tick(after=2 * HOUR)
    watch.round.ledger.acknowledge(1, "ben", watch.now)
    assert ["ann: acknowledged 1", "ben: acknowledged 1"] == watch.hears()
    update = watch.post.updates[0]
    assert "incident 1/1 acknowledged/ann" == update.id
    assert watch.post.pages[0].dedup == update.dedup
    assert ("complete failed on rates", "major", NOW + 2 * HOUR) == (update.title, update.severity, update.told_at)
    assert (("By", "Ben Baker"), ("At", "2026-01-07 04:00 UTC (Wed 04:00 Europe/London)")) == update.rows
    assert [] == watch.hears()
    assert [] == watch.hears(after=6 * HOUR - MINUTE)
    assert watch.last
    assert {Reason.ACKNOWLEDGED: 1} == watch.last.held


def test_an_acknowledged_one_that_outlives_its_time_comes_back_to_whoever_took_it(watch: Watch) -> None:
    watch.report("rates")
    watch.tick()
    watch.round.ledger.acknowledge(1, "cid", watch.now)
    watch.tick()
    assert ["cid: returned 1", "ann: returned 1"] == watch.hears(after=8 * HOUR)
    page = watch.post.pages[-1]
    assert (NOW + 10 * HOUR, NOW + 16 * HOUR) == (page.respond_by, page.resolve_by)
    assert "Cid Cole acknowledged at 2026-01-07 02:00 UTC" in page.why
    # It is nobody's now, so the next step comes, and it can be taken again.
    assert ["ben: escalated 1"] == watch.hears(after=2 * HOUR)
    watch.round.ledger.acknowledge(1, "ben", watch.now)
    assert ["ann: acknowledged 1", "cid: acknowledged 1", "ben: acknowledged 1"] == watch.hears()


def test_whoever_took_it_and_left_is_not_told_again(watch: Watch) -> None:
    watch.report("rates")
    watch.tick()
    watch.round.ledger.acknowledge(1, "zoe", watch.now)
    watch.tick()
    assert ["ann: returned 1"] == watch.hears(after=8 * HOUR)


def test_by_hand_it_is_over_for_all_who_were_told_with_the_reason(watch: Watch) -> None:
    watch.report("rates")
    watch.tick()
    watch.round.ledger.resolve(1, "ann", "the bank was shut", watch.now + HOUR)
    assert ["ann: resolved 1"] == watch.hears(after=2 * HOUR)
    (update,) = watch.post.updates
    assert "Ann Archer" == dict(update.rows)["By"]
    assert "the bank was shut" == dict(update.rows)["Because"]
    assert [] == watch.hears(after=8 * HOUR)
    watch.report("rates")
    assert ["ann: opened 2"] == watch.hears()


def test_acknowledged_and_over_before_a_tick_are_both_told_in_that_order(watch: Watch) -> None:
    watch.report("rates")
    watch.tick()
    watch.round.ledger.acknowledge(1, "ann", watch.now)
    watch.round.ledger.resolve(1, "ann", "mended", watch.now)
    assert ["ann: acknowledged 1", "ann: resolved 1"] == watch.hears()


def test_whoever_takes_over_what_somebody_has_is_not_told(watch: Watch) -> None:
    watch.tick(after=timedelta(days=5, hours=6))
    watch.report("rates")
    watch.tick()
    watch.round.ledger.acknowledge(1, "ann", watch.now)
    watch.tick()
    assert [] == watch.hears(after=HOUR)


def silence(watch: Watch, lasts: timedelta, **of: str) -> int:
    """A silence of Ann's from now on."""
    made = Silence(0, "ann", "new disks", watch.now, watch.now + lasts, **of)
    return watch.round.ledger.silence(made)


@pytest.mark.parametrize(
    "of", [{"asset": "rates"}, {"pipeline": "rates"}, {"check": "complete"}, {"check": "rates:complete"}]
)
def test_while_it_is_silenced_nobody_is_told_and_after_that_the_first_is(watch: Watch, of: dict[str, str]) -> None:
    silence(watch, 5 * HOUR, **of)
    watch.report("rates")
    assert [] == watch.hears()
    assert watch.last
    assert ({Reason.OPENED: 1}, {Reason.SILENCED: 1}) == (watch.last.reasons, watch.last.held)
    assert [] == watch.hears(after=5 * HOUR - MINUTE)
    # Both steps have come; the primary has the time to answer that was promised.
    assert ["ann: opened 1"] == watch.hears(after=MINUTE)
    assert watch.now + 2 * HOUR == watch.post.pages[0].respond_by
    assert [] == watch.hears(after=2 * HOUR - MINUTE)
    assert ["ben: escalated 1"] == watch.hears(after=MINUTE)


@pytest.mark.parametrize("of", [{"asset": "orders"}, {"pipeline": "profit"}, {"check": "orders:complete"}])
def test_a_silence_of_something_else_holds_nothing_back(watch: Watch, of: dict[str, str]) -> None:
    silence(watch, 5 * HOUR, **of)
    watch.report("rates")
    assert ["ann: opened 1"] == watch.hears()


def test_a_silence_that_is_lifted_ends_at_once(watch: Watch) -> None:
    number = silence(watch, 5 * HOUR, asset="rates")
    watch.report("rates")
    watch.tick()
    watch.round.ledger.lift(number, "ben", watch.now + MINUTE)
    assert ["ann: opened 1"] == watch.hears(after=2 * MINUTE)


def test_a_silence_begun_later_stops_the_escalation_and_what_is_over_is_told_to_those_who_knew(
    watch: Watch,
) -> None:
    watch.report("rates")
    watch.tick()
    silence(watch, 24 * HOUR, asset="rates")
    assert [] == watch.hears(after=10 * HOUR)
    watch.report("rates", passed=True)
    assert ["ann: resolved 1"] == watch.hears()


def test_what_is_over_before_its_silence_was_nobodys_business(watch: Watch) -> None:
    silence(watch, 24 * HOUR, asset="rates")
    watch.report("rates")
    watch.tick()
    watch.now += HOUR
    watch.report("rates", passed=True)
    assert [] == watch.hears(after=MINUTE)
    assert [] == watch.hears(after=48 * HOUR)
    assert [] == watch.console


def test_a_rise_while_it_is_silenced_pages_nobody(watch: Watch) -> None:
    watch.report("orders")
    watch.tick()
    silence(watch, 24 * HOUR, asset="orders")
    watch.report("profit")
    assert [] == watch.hears()
    assert watch.last
    assert {Reason.CAUSED: 1} == watch.last.reasons
    assert "critical" == watch.round.ledger.incident(1).severity


def test_what_can_wait_is_told_when_the_day_of_the_on_call_begins(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with crew_watch(instance, tmp_path, crew(tmp_path, front=WAITS)) as watch:
        watch.report("profit")
        tick = watch.tick()
        assert ({Reason.OPENED: 1}, {Reason.OFFICE_HOURS: 1}) == (tick.reasons, tick.held)
        assert "open: 1 waits for business hours" in str(tick)
        assert [] == watch.hears(after=7 * HOUR - MINUTE)
        assert ["ann: opened 1"] == watch.hears(after=MINUTE)
        (page,) = watch.post.pages
        # Critical: an hour from the beginning of her day.
        assert datetime(2026, 1, 7, 10, tzinfo=UTC) == page.respond_by
        # At 10:00 in London Ben, in New York, sleeps.
        assert [] == watch.hears(after=HOUR)
        assert watch.last
        assert 1 == watch.last.held[Reason.OFFICE_HOURS]


def test_a_public_holiday_of_the_on_calls_region_is_no_working_day(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with crew_watch(instance, tmp_path, crew(tmp_path, front=WAITS)) as watch:
        # The spring bank holiday in England, of Ann's turn.
        watch.now = datetime(2026, 5, 25, 10, 0, tzinfo=UTC)
        watch.report("profit")
        assert [] == watch.hears()
        assert watch.last
        assert {Reason.OFFICE_HOURS: 1} == watch.last.held
        assert [] == watch.hears(after=22 * HOUR - MINUTE)
        assert ["ann: opened 1"] == watch.hears(after=MINUTE)


def test_what_can_wait_and_is_over_in_the_night_is_told_in_the_morning(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with crew_watch(instance, tmp_path, crew(tmp_path, front=WAITS)) as watch:
        watch.report("profit")
        watch.tick()
        watch.report("profit", passed=True)
        assert [] == watch.hears(after=HOUR)
        assert [] == watch.hears(after=6 * HOUR - MINUTE)
        assert ["ann: resolved 1"] == watch.hears(after=MINUTE)
        assert [] == watch.hears(after=HOUR)


def test_who_was_told_by_day_hears_at_once_in_the_night_that_it_is_over(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with crew_watch(instance, tmp_path, crew(tmp_path, front=WAITS)) as watch:
        watch.now += 8 * HOUR
        watch.report("profit")
        assert ["ann: opened 1"] == watch.hears()
        watch.report("profit", passed=True)
        assert ["ann: resolved 1"] == watch.hears(after=13 * HOUR)


def test_with_nobody_on_call_what_can_wait_and_is_over_waits_for_nobody(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with crew_watch(instance, tmp_path, crew(tmp_path, front=WAITS)) as watch:
        watch.with_nobody_on_call()
        watch.report("profit")
        watch.report("profit", passed=True)
        assert [] == watch.hears()
        assert [] == watch.round.ledger.unannounced()
