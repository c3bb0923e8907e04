"""All looks at once, each given a bounded time: a database that never answers must not silence the watchdog."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Protocol

from oncall_assets.handbook.escalation import Watch
from oncall_assets.incidents.audits.finding import Finding, Sight, reason_of


class Look(Protocol):
    def __call__(self, watch: Watch, now: datetime) -> Sight: ...


@dataclass(frozen=True, slots=True)
class Post:
    """A look, what it looks at in words, and the groups of findings that only it can tell of."""

    look: Look
    at: str
    groups: frozenset[str]


@dataclass
class _Looking:
    """A look under way in a thread of its own; `sight` is there when it is over."""

    sight: Sight | None = None
    thread: threading.Thread | None = field(default=None)


class Lookout:
    """Makes the looks in `posts` by name; one that has not ended within `patience` is itself a finding.

    A look that still hangs is not begun again. `stop` gives up waiting.
    """

    def __init__(self, posts: Mapping[str, Post], patience: timedelta, stop: threading.Event) -> None:
        self._posts = posts
        self._patience = patience
        self._stop = stop
        self._news = threading.Event()
        self._looking: dict[str, _Looking] = {}

    def interrupt(self) -> None:
        """Wake up whoever waits in `look`, after `stop` was set."""
        self._news.set()

    def look(self, names: Sequence[str], watch: Watch, now: datetime) -> Sight | None:
        """What the looks of these names found together; None if it was stopped meanwhile."""
        for name in names:
            if name not in self._looking:
                self._begin(name, watch, now)
        end = monotonic() + self._patience.total_seconds()
        while any(self._looking[name].sight is None for name in names) and (left := end - monotonic()) > 0:
            if self._stop.is_set():
                return None
            self._news.wait(left)
            self._news.clear()
        sights = [self._result(name) for name in names]
        findings = tuple(finding for sight in sights for finding in sight.findings)
        return Sight(findings, frozenset().union(*(sight.blind for sight in sights)))

    def _begin(self, name: str, watch: Watch, now: datetime) -> None:
        looking, post = _Looking(), self._posts[name]

        def run() -> None:
            try:
                looking.sight = post.look(watch, now)
            except BaseException as error:  # noqa: BLE001 - a look that breaks is itself a finding
                looking.sight = _blind(name, post, reason_of(error))
            self._news.set()

        # A daemon thread, so that one that hangs does not hold up the end of the process.
        looking.thread = threading.Thread(target=run, name=f"look {name}", daemon=True)
        self._looking[name] = looking
        looking.thread.start()

    def _result(self, name: str) -> Sight:
        sight = self._looking[name].sight
        if sight is None:
            return _blind(name, self._posts[name], f"It gave no answer within {self._patience.seconds} s.")
        del self._looking[name]
        return sight


def _blind(name: str, post: Post, reason: str) -> Sight:
    return Sight((Finding(f"look {name}", f"The watchdog could not look at {post.at}", reason),), post.groups)
