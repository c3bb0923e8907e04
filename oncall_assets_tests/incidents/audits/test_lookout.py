"""Looks that break or hang are findings themselves, and hold up nobody for long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from oncall_assets.handbook.escalation import Watch
from oncall_assets.incidents.audits.finding import Finding, Sight
from oncall_assets.incidents.audits.lookout import Look, Lookout, Post
from oncall_assets_tests.incidents.audits.world import NOW

WATCH = Watch()
NAMES = ("one", "two")


class Hanging:
    """A look that ends when `free` is set; `begun` counts how often it was made."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.entered = threading.Event()
        self.begun = 0

    def __call__(self, watch: Watch, now: datetime) -> Sight:  # noqa: ARG002 - hangs whatever it is given
        self.begun += 1
        self.entered.set()
        self.free.wait()
        return Sight((Finding("late x", "late", "at last"),))


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    look = Hanging()
    yield look
    look.free.set()


def well(watch: Watch, now: datetime) -> Sight:
    assert (WATCH, NOW) == (watch, now)
    return Sight((Finding("seen", "seen", "as ever"),), frozenset({"dark"}))


def breaks(watch: Watch, now: datetime) -> Sight:  # noqa: ARG001 - breaks whatever it is given
    raise RuntimeError("no\nmore")


def lookout(one: Look, two: Look, stop: threading.Event, patience: float = 30) -> Lookout:
    posts = {
        "one": Post(one, "the first", frozenset({"a", "b"})),
        "two": Post(two, "the second", frozenset({"c"})),
    }
    return Lookout(posts, timedelta(seconds=patience), stop)


def test_what_all_looks_found_and_could_not_see_is_put_together() -> None:
    sight = lookout(well, well, threading.Event()).look(NAMES, WATCH, NOW)
    assert sight is not None
    assert ["seen", "seen"] == [one.key for one in sight.findings]
    assert {"dark"} == sight.blind


def test_a_look_that_breaks_is_a_finding_and_blind() -> None:
    sight = lookout(breaks, well, threading.Event()).look(NAMES, WATCH, NOW)
    expected = Finding("look one", "The watchdog could not look at the first", "RuntimeError: no")
    assert sight is not None
    assert expected == sight.findings[0]
    assert {"a", "b", "dark"} == sight.blind


def test_a_look_that_hangs_is_a_finding_and_is_not_begun_again(hanging: Hanging) -> None:
    made = lookout(well, hanging, threading.Event(), patience=0.05)
    for _ in range(2):
        sight = made.look(NAMES, WATCH, NOW)
        assert sight is not None
        assert ["seen", "look two"] == [finding.key for finding in sight.findings]
        assert {"c", "dark"} == sight.blind
    assert 1 == hanging.begun
    hanging.free.set()
    # It ends in a moment, in its own thread; each of these waits for that a little.
    late = (sight for _ in range(200) if (sight := made.look(NAMES, WATCH, NOW)))
    assert any("late x" == sight.findings[1].key for sight in late)
    made.look(NAMES, WATCH, NOW)
    assert 2 == hanging.begun


def test_a_stop_ends_the_wait_for_a_look_at_once(hanging: Hanging) -> None:
    stop = threading.Event()
    made = lookout(well, hanging, stop, patience=3600)
    found: list[Sight | None] = []
    looking = threading.Thread(target=lambda: found.append(made.look(NAMES, WATCH, NOW)))
    looking.start()
    assert hanging.entered.wait(30)
    stop.set()
    made.interrupt()
    looking.join(30)
    assert [None] == found
