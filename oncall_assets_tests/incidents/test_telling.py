"""Who hears of an incident, in which order and how often, from the first page to the last word."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.handbook import load_handbook
from oncall_assets.incidents.policy.decide import Reason
from oncall_assets.notify.console import Console
from oncall_assets.notify.message import Message, Page, Update
from oncall_assets_tests.incidents.company import EVERYBODY, crew
from oncall_assets_tests.incidents.conftest import Post, Watch, crew_watch

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def watch(crewed: Watch) -> Watch:
    return crewed


def test_an_incident_that_nobody_answers_is_told_step_by_step_and_to_each_once(watch: Watch) -> None:
    watch.report("rates")
    assert ["ann: opened 1"] == watch.hears()
    assert [] == watch.hears(after=2 * HOUR - MINUTE)
    assert ["ben: escalated 1"] == watch.hears(after=MINUTE)
    assert [] == watch.hears(after=2 * HOUR - MINUTE)
    assert ["cid: escalated 1", "dan: escalated 1"] == watch.hears(after=MINUTE)
    assert [] == watch.hears(after=4 * HOUR - MINUTE)
    assert ["eve: escalated 1"] == watch.hears(after=MINUTE)
    # Everybody was told and it was to be resolved, so it begins again.
    assert ["ann: reminded 1"] == watch.hears()
    assert [] == watch.hears(after=2 * HOUR - MINUTE)
    assert ["ben: escalated 1"] == watch.hears(after=MINUTE)


def test_each_page_says_why_it_is_this_person(watch: Watch) -> None:
    watch.report("rates")
    for after in (timedelta(0), 2 * HOUR, 2 * HOUR, 4 * HOUR, MINUTE):
        watch.tick(after)
    why = {page.why for page in watch.post.pages if page.to.key in {"ann", "ben", "cid", "eve"}}
    assert {
        "you are on call (primary)",
        "nobody acknowledged within 2 h, and you are on call (secondary)",
        "nobody acknowledged within 4 h, and you own rates",
        "nobody acknowledged within 8 h, and everybody of the team is told",
        "nobody acknowledged it, and it was to be resolved by 2026-01-07 10:00 UTC (Wed 10:00 Europe/London)",
    } == why
    assert {(1, "major", "rates")} == {(page.incident, page.severity, page.pipeline) for page in watch.post.pages}
    # One thread, one alert, whoever is told.
    assert 1 == len({page.dedup for page in watch.post.pages})


def test_the_tick_says_whom_it_told_and_for_what_reason(watch: Watch) -> None:
    watch.report("rates")
    assert {Reason.OPENED: 1} == watch.tick().reasons
    assert {Reason.ESCALATED: 1} == watch.tick(after=2 * HOUR).reasons
    assert ({}, {Reason.TOLD: 1}) == ((tick := watch.tick()).reasons, tick.held)
    tick = watch.tick(after=6 * HOUR)
    assert {Reason.ESCALATED: 2} == tick.reasons
    assert {Reason.REMINDED: 1} == watch.tick().reasons


def test_a_pass_resolves_it_and_all_who_were_told_hear_so_once(watch: Watch) -> None:
    watch.report("rates")
    watch.tick()
    watch.tick(after=2 * HOUR)
    watch.report("rates", passed=True)
    assert ["ann: resolved 1", "ben: resolved 1"] == watch.hears()
    assert {"By": "by itself: what failed passed", "After": "2 h"}.items() <= dict(
        watch.post.updates[0].rows
    ).items()
    assert [] == watch.hears(after=24 * HOUR)


def test_what_was_told_again_and_again_is_over_in_one_message_each(watch: Watch) -> None:
    watch.report("rates")
    watch.tick()
    watch.tick(after=8 * HOUR)
    watch.tick()
    assert 6 == len(watch.post.pages)
    watch.report("rates", passed=True)
    told = watch.hears()
    assert sorted(f"{who}: resolved 1" for who in ("ann", "ben", "cid", "dan", "eve")) == sorted(told)


def test_what_opened_and_passed_before_a_tick_is_a_word_to_the_primary(watch: Watch) -> None:
    watch.report("rates")
    watch.report("rates", passed=True)
    assert ["ann: resolved 1"] == watch.hears()
    assert [] == watch.post.pages
    assert [] == watch.hears(after=8 * HOUR)


def test_whoever_takes_over_while_nobody_answers_is_told(watch: Watch) -> None:
    watch.tick(after=timedelta(days=5, hours=6))
    watch.report("rates")
    assert ["ann: opened 1"] == watch.hears()
    # Monday, 09:00 in London: Ben's turn.
    assert ["ben: opened 1"] == watch.hears(after=HOUR)
    assert watch.post.pages[-1].why == (
        "you are on call (primary) since 2026-01-12 09:00 UTC (Mon 09:00 Europe/London), "
        "and nobody has acknowledged it yet"
    )
    assert ("Ben Baker", "Ann Archer") == tuple(
        one.name for one in (watch.post.pages[-1].primary, watch.post.pages[-1].secondary) if one
    )


def test_who_has_left_since_is_not_told_that_it_is_over(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    team = "escalation: [{tell: zoe}, {tell: on_call.primary}]\n"
    with crew_watch(instance, tmp_path, crew(tmp_path, team=team)) as watch:
        # Zoe's last day.
        watch.tick(after=-24 * HOUR)
        watch.report("rates")
        assert ["zoe: opened 1", "ann: opened 1"] == watch.hears()
        watch.report("rates", passed=True)
        assert ["ann: resolved 1"] == watch.hears(after=24 * HOUR)


def test_without_anybody_on_call_everybody_is_told(watch: Watch) -> None:
    watch.with_nobody_on_call()
    watch.report("rates")
    assert [f"{who}: opened 1" for who in ("ann", "ben", "cid", "dan", "eve")] == watch.hears()
    assert watch.last
    assert {Reason.OPENED: 1, Reason.NOBODY: 1} == watch.last.reasons
    page = watch.post.pages[0]
    assert (None, None, ()) == (page.primary, page.secondary, page.because)
    assert "nobody is on call, so everybody is told" == page.why
    watch.report("bonds")
    watch.report("bonds", passed=True)
    # Whom would it be for? It is in the ledger.
    assert [] == watch.hears()


def test_a_severity_is_told_over_the_channels_it_names(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    team = crew(tmp_path).folder / "team.yaml"
    team.write_text(team.read_text().replace("resolve: 24h}", "resolve: 24h, via: [console]}"))
    book = load_handbook(team.parent, frozenset())
    chat = Post("chat", people=EVERYBODY)
    with crew_watch(instance, tmp_path, book, more=[chat, Console(print)]) as watch:
        watch.report("profit")
        watch.tick()
        assert (1, 1, 1) == (len(watch.post.pages), len(chat.pages), len(watch.console))
        watch.report("orders", partition="2026-01-05")
        watch.tick()
        # Orders is minor.
        assert (1, 1, 2) == (len(watch.post.pages), len(chat.pages), len(watch.console))
        assert "complete failed on orders" in watch.console[1]


def test_whom_no_channel_reaches_is_told_by_the_last_resort(watch: Watch) -> None:
    watch.post.people = frozenset({"ben"})
    watch.report("rates")
    assert [] == watch.hears()
    (page,) = watch.console
    assert "Ann Archer: you are on call (primary)" in page
    assert ["ben: escalated 1"] == watch.hears(after=2 * HOUR)
    watch.report("rates", passed=True)
    assert ["ben: resolved 1"] == watch.hears()
    # Ann heard of it there, and so of its end.
    assert 2 == len(watch.console)


@dataclass
class Picky(Post):
    """A channel that is for some kinds of message only."""

    kinds: tuple[type[Message], ...] = (Page,)

    def takes(self, message: Message) -> bool:
        return isinstance(message, self.kinds)


def test_a_channel_gets_only_what_it_takes(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    pager = Picky("pager", people=EVERYBODY)
    with crew_watch(instance, tmp_path, more=[pager]) as watch:
        watch.report("rates")
        watch.tick()
        watch.report("rates", passed=True)
        watch.tick()
        assert (1, 1) == (len(watch.post.pages), len(watch.post.updates))
        assert (1, 0) == (len(pager.pages), len(pager.updates))


def test_what_no_channel_takes_goes_to_the_last_resort(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    updates = Picky("updates", people=EVERYBODY, kinds=(Update,))
    with crew_watch(instance, tmp_path, more=[updates]) as watch:
        watch.post.people = frozenset()
        watch.report("rates")
        watch.tick()
        assert ([], 1) == (updates.pages, len(watch.console))


def test_a_channel_that_is_gone_since_is_not_asked_to_say_that_it_is_over(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with crew_watch(instance, tmp_path, more=[Post("chat", people=EVERYBODY)]) as watch:
        watch.report("rates")
        watch.tick()
        teller = replace(watch.round.teller, channels=[watch.post])
        watch.round = replace(watch.round, teller=teller)
        watch.report("rates", passed=True)
        assert ["ann: resolved 1"] == watch.hears()
