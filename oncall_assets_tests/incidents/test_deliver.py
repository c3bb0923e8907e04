"""Pages that must arrive: over whatever still works, and as soon as it works again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.incidents.slack_resource import SlackAt
from oncall_assets.incidents.tick import Round
from oncall_assets.notify.console import Console
from oncall_assets.notify.message import Message
from oncall_assets.notify.slack import Slack
from oncall_assets_tests.incidents.company import report
from oncall_assets_tests.incidents.conftest import Post, Watch, down
from oncall_assets_tests.slack_server import SlackServer

Rows = Callable[[str, str], list[tuple[object, ...]]]


def _with(watch: Watch, *channels: Post | Slack) -> None:
    old = watch.round
    watch.round = Round(old.instance, old.desk, old.ledger, list(channels), Console(watch.console.append))


def _slack(server: SlackServer) -> Slack:
    return Slack(SlackAt(token="xoxb-test", base_url=server.url.rstrip("/")).get_client(), {"ann": "U01ANN"})


def test_a_page_goes_over_every_channel_that_reaches_the_person(watch: Watch) -> None:
    other = Post("other")
    _with(watch, watch.post, other, Post("elsewhere", frozenset({"ben"})))
    report(watch.round.instance, "orders", "complete")
    assert 2 == watch.tick().delivered.sent
    assert 1 == len(watch.post.pages)
    assert watch.post.pages == other.pages
    assert [] == watch.console


def test_somebody_no_channel_reaches_is_told_on_the_console(watch: Watch) -> None:
    _with(watch, Post("elsewhere", frozenset({"ben"})))
    report(watch.round.instance, "orders", "complete")
    assert 1 == watch.tick().delivered.sent
    assert 1 == len(watch.console)
    assert "Ann Archer" in watch.console[0]


@pytest.mark.parametrize("trouble", [down(permanent=True), KeyError("a fault of the channel's own")])
def test_a_page_refused_for_good_is_told_on_the_console_at_once(watch: Watch, trouble: Exception) -> None:
    watch.post.trouble = trouble
    report(watch.round.instance, "orders", "complete")
    tick = watch.tick()
    assert (1, 0, 1) == (tick.delivered.sent, tick.delivered.waiting, len(tick.delivered.troubles))
    watch.post.trouble = None
    assert 0 == watch.tick().delivered.sent
    assert ([], 1) == (watch.post.pages, len(watch.console))


def test_a_channel_that_is_down_is_asked_once_a_tick_and_holds_up_no_other(watch: Watch) -> None:
    other = Post("other")
    _with(watch, watch.post, other)
    watch.post.trouble = down()
    for check in ("complete", "fresh", "unique"):
        report(watch.round.instance, "orders", check)
    tick = watch.tick()
    assert (3, 3, 1) == (tick.delivered.sent, tick.delivered.waiting, len(tick.delivered.troubles))
    watch.post.trouble = None
    assert 3 == watch.tick().delivered.sent
    assert 3 == len(watch.post.pages)


def test_a_page_that_always_fails_does_not_stand_in_the_way_of_the_next(watch: Watch) -> None:
    class Picky(Post):
        def send(self, message: Message, person: str) -> None:
            self.trouble = down() if "unlucky" in str(message) else None
            super().send(message, person)

    picky = Picky("picky")
    _with(watch, picky)
    for check in ("unlucky", "fresh", "unique"):
        report(watch.round.instance, "orders", check)
    watch.tick()
    watch.tick()
    assert {"fresh failed on orders", "unique failed on orders"} == {page.title for page in picky.pages}


def test_no_page_is_begun_after_the_budget(watch: Watch) -> None:
    old = watch.round
    watch.round = Round(old.instance, old.desk, old.ledger, [watch.post], old.last_resort, budget=timedelta(-1))
    report(watch.round.instance, "orders", "complete")
    tick = watch.tick()
    assert (0, 1) == (tick.delivered.sent, tick.delivered.waiting)
    assert ("out of time; the rest at the next tick",) == tick.delivered.troubles
    watch.round = old
    assert 1 == watch.tick().delivered.sent


def test_pages_for_a_channel_that_is_switched_off_wait_for_it(watch: Watch) -> None:
    watch.post.trouble = down()
    report(watch.round.instance, "orders", "complete")
    watch.tick()
    post, watch.post.trouble = watch.post, None
    _with(watch)
    assert 1 == watch.tick().delivered.waiting
    _with(watch, post)
    assert 1 == watch.tick().delivered.sent


@pytest.mark.parametrize("answer", ["429", "500", "cut", "hang up"])
def test_slack_in_trouble_is_told_at_a_later_tick_and_once(watch: Watch, slack: SlackServer, answer: str) -> None:
    _with(watch, _slack(slack))
    slack.answer = answer
    report(watch.round.instance, "orders", "complete")
    assert 1 == watch.tick().delivered.waiting
    assert 1 == len(slack.messages)
    slack.answer = "ok"
    assert 1 == watch.tick().delivered.sent
    assert 0 == watch.tick().delivered.sent
    assert ["U01ANN", "U01ANN"] == [message["channel"] for message in slack.messages]


def test_slack_refusing_its_token_leaves_the_page_to_the_console(
    watch: Watch, slack: SlackServer, tmp_path: Path, rows: Rows
) -> None:
    _with(watch, _slack(slack))
    slack.answer = "invalid_auth"
    report(watch.round.instance, "orders", "complete")
    assert ("slack to ann, incident 1: Slack answered 200: invalid_auth",) == watch.tick().delivered.troubles
    assert "INCIDENT 1" in watch.console[0]
    states = rows(f"sqlite:///{tmp_path / 'ledger.sqlite'}", "SELECT channel, state FROM outbox ORDER BY id")
    assert [("slack", "failed"), ("console", "sent")] == states


def test_the_console_prints_the_page_with_its_steps(watch: Watch, instance: dg.DagsterInstance) -> None:
    _with(watch)
    report(instance, "profit", "complete", metadata={"oncall/step": 2})
    watch.tick()
    (text,) = watch.console
    assert "  INCIDENT 1  CRITICAL  complete failed on profit" in text.splitlines()
    assert "              3. Land the file again." in text.splitlines()
