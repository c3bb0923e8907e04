"""An incident that is worse than it was, for what else fails or for the day that it is, is told so at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.incidents.policy.decide import Reason
from oncall_assets_tests.incidents.company import DAY, asset_tags, crew
from oncall_assets_tests.incidents.conftest import NOW, Watch, crew_watch

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def watch(crewed: Watch) -> Watch:
    return crewed


def test_a_worse_consequence_makes_the_incident_worse_and_its_clock_begins_anew(watch: Watch) -> None:
    watch.report("orders")
    watch.tick()
    watch.tick(after=HOUR)
    watch.report("profit")
    tick = watch.tick()
    assert {Reason.CAUSED: 1} == tick.reasons
    first, second = watch.post.pages
    assert ("minor", NOW + 4 * HOUR) == (first.severity, first.respond_by)
    assert ("critical", "raised", "ann", 1) == (second.severity, second.telling, second.to.key, second.incident)
    assert (watch.now + HOUR, watch.now + 4 * HOUR) == (second.respond_by, second.resolve_by)
    assert (HOUR, 4 * HOUR) == (second.respond, second.resolve)
    assert "it is critical now and was minor: more is hit than was" == second.why
    assert (f"profit:complete @ {DAY}",) == second.others
    watch.report("profit")
    watch.report("dashboard")
    assert [] == watch.hears()
    assert ["ben: escalated 1"] == watch.hears(after=HOUR)


def test_a_consequence_that_is_no_worse_raises_nothing(watch: Watch) -> None:
    watch.report("profit")
    watch.tick()
    watch.report("profit", "other", metadata={"oncall/pipeline": "orders"})
    tick = watch.tick()
    assert {Reason.CAUSED: 1} == tick.reasons
    assert ("critical", 1) == (watch.round.ledger.incident(1).severity, len(watch.post.pages))


def test_whoever_has_it_hears_that_it_is_worse_beside_the_primary(watch: Watch) -> None:
    watch.report("orders")
    watch.tick()
    watch.round.ledger.acknowledge(1, "cid", watch.now)
    watch.tick()
    watch.report("profit")
    assert ["cid: raised 1", "ann: raised 1"] == watch.hears()
    # It stays theirs.
    assert [] == watch.hears(after=3 * HOUR)
    assert ["cid: returned 1", "ann: returned 1"] == watch.hears(after=HOUR)


def test_who_had_it_and_has_left_does_not_hear_that_it_is_worse(watch: Watch) -> None:
    watch.report("orders")
    watch.tick()
    watch.round.ledger.acknowledge(1, "somebody gone", watch.now)
    watch.tick()
    watch.report("profit")
    assert ["ann: raised 1"] == watch.hears()


def test_opened_and_worse_at_once_is_one_page(watch: Watch) -> None:
    watch.report("orders")
    watch.report("profit")
    assert ["ann: opened 1"] == watch.hears()
    assert ("critical", NOW + HOUR) == (watch.post.pages[0].severity, watch.post.pages[0].respond_by)


@pytest.mark.parametrize(("asset", "worse"), [("orders", False), ("profit", True)])
def test_a_consequence_is_graded_by_the_runbook_that_asked_for_its_check(
    watch: Watch, asset: str, worse: bool
) -> None:
    watch.report("orders")
    watch.tick()
    watch.report("orders", "other", metadata={"oncall/pipeline": asset})
    assert (["ann: raised 1"] if worse else []) == watch.hears()


MONTH_END = "severity: minor\nrises: [{when: month_end, within: 3 days, severity: critical}]"


def test_the_end_of_the_month_makes_an_open_incident_worse_when_it_comes_near(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with crew_watch(instance, tmp_path, crew(tmp_path, front=MONTH_END), assets=[PLAIN]) as watch:
        watch.now = datetime(2026, 1, 28, 20, 0, tzinfo=UTC)
        watch.report("plain")
        assert ["ben: opened 1"] == watch.hears()
        assert "minor" == watch.post.pages[0].severity
        watch.round.ledger.acknowledge(1, "ben", watch.now)
        watch.tick()
        assert [] == watch.hears(after=4 * HOUR - MINUTE)
        # Three days before the first of February.
        assert ["ben: raised 1"] == watch.hears(after=MINUTE)
        assert watch.last
        assert {Reason.RAISED: 1} == watch.last.reasons
        page = watch.post.pages[-1]
        assert ("critical", "raised") == (page.severity, page.telling)
        assert "it is critical now and was minor: the month ends in 3 d, which makes profit critical" == page.why
        assert [] == watch.hears(after=MINUTE)
        assert watch.last
        assert {} == watch.last.reasons


PLAIN = dg.asset(name="plain", tags=asset_tags("profit", "stakeholders", "minor"))(lambda: None)
URGENT = "severity: major\nurgency: business_hours\nrises: [{when: month_end, within: 2 days, urgency: any_time}]"


@pytest.mark.parametrize("told", [False, True])
def test_what_could_wait_for_business_hours_cannot_when_the_month_ends(
    instance: dg.DagsterInstance, tmp_path: Path, told: bool
) -> None:
    with crew_watch(instance, tmp_path, crew(tmp_path, front=URGENT), assets=[PLAIN]) as watch:
        # A Thursday and a Friday of Ben's turn, when it is 15:00 and 18:00 in New York.
        watch.now = datetime(2026, 1, 29, 20 if told else 23, 0, tzinfo=UTC)
        watch.report("plain")
        begun = watch.hears()
        assert told == bool(begun)
        watch.tick(after=timedelta(hours=3 if told else 0))
        seen = len(watch.post.pages)
        assert [] == watch.hears(after=59 * MINUTE)
        assert len(watch.post.pages) == seen
        news = watch.hears(after=MINUTE)
        assert watch.last
        assert 1 == watch.last.reasons[Reason.RAISED]
        assert 1 == len(news)
        page = watch.post.pages[-1]
        assert watch.now + 2 * HOUR == page.respond_by
        assert ("raised" if told else "opened") == page.telling
        if told:
            words = "the month ends in 2 d, which makes profit urgent at any time"
            assert f"it waits for business hours no longer: {words}" == page.why
        assert [] == watch.hears(after=MINUTE)


def test_a_consequence_that_can_wait_does_not_make_an_urgent_incident_wait(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    front = "severity: critical\nurgency: business_hours"
    with crew_watch(instance, tmp_path, crew(tmp_path, front=front)) as watch:
        watch.report("orders")
        assert ["ann: opened 1"] == watch.hears()
        watch.report("profit")
        assert ["ann: raised 1"] == watch.hears()
        assert ["ben: escalated 1"] == watch.hears(after=HOUR)


def test_an_open_incident_of_a_pipeline_that_is_taken_out_of_the_handbook_is_no_worse_for_it(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    front = "severity: minor\nurgency: business_hours"
    with crew_watch(instance, tmp_path, crew(tmp_path, front=front), assets=[PLAIN]) as watch:
        watch.report("plain")
        watch.tick()
        book = watch.round.desk.handbook
        left = {name: one for name, one in book.team.pipelines.items() if name != "profit"}
        watch.under(replace(book, team=book.team.model_copy(update={"pipelines": left}), runbooks={}))
        assert [] == watch.hears()
        assert ["ann: opened 1"] == watch.hears(after=7 * HOUR)
        assert "minor" == watch.post.pages[0].severity


def test_with_nobody_on_call_everybody_hears_that_it_is_worse(watch: Watch) -> None:
    watch.report("orders")
    watch.tick()
    watch.with_nobody_on_call()
    watch.report("profit")
    assert {f"{who}: raised 1" for who in ("ann", "ben", "cid", "dan", "eve")} <= set(watch.hears())


def test_what_is_worse_and_can_still_wait_has_its_time_from_the_day_of_the_on_call(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    front = f"urgency: business_hours\n{MONTH_END}"
    with crew_watch(instance, tmp_path, crew(tmp_path, front=front), assets=[PLAIN]) as watch:
        # Ben, whose turn it is, has gone home; in London they come to work five hours before him.
        watch.now = datetime(2026, 1, 28, 23, 0, tzinfo=UTC)
        watch.report("plain")
        assert [] == watch.hears()
        assert [] == watch.hears(after=HOUR)
        assert watch.last
        assert {Reason.RAISED: 1} == watch.last.reasons
        assert datetime(2026, 1, 29, 14, 0, tzinfo=UTC) == watch.round.ledger.incident(1).clock_from
        assert ["ben: opened 1"] == watch.hears(after=14 * HOUR)
        assert datetime(2026, 1, 29, 15, 0, tzinfo=UTC) == watch.post.pages[0].respond_by
