"""What is published, swapped or overridden stays, and a plan changes no more than it may."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from oncall_assets.rota.audit import changes
from oncall_assets_tests.rota.audit.plans import FIRST, WEEK, by_utc, found, shift, told, weeks
from oncall_assets_tests.rota.teams import handbook, utc

SWAP = {"kind": "swap", "turn": date(2026, 1, 12), "give": "bob", "take": "david", "requested": date(2026, 1, 2)}
PART = {**SWAP, "from": "2026-01-13T00:00", "to": "2026-01-14T00:00"}
OVERRIDE = {
    "kind": "override",
    "from": "2026-01-13T00:00",
    "to": "2026-01-14T00:00",
    "primary": "alice",
    "requested": date(2026, 1, 2),
}


def test_what_is_published_stays_as_it_is() -> None:
    book = handbook(by_utc(), {"2026Q1": (utc("2025-10-01T00:00"), weeks("cd da"))})
    assert [] == found(book, weeks("cd da ab bc"))
    assert [("frozen", "david", "01-12 00:00")] == found(book, weeks("cd ad ab bc"))
    (finding,) = told(book, weeks("cd ad ab bc"))
    assert "alice with david from Mon 2026-01-12 00:00, where david with alice is published" == finding[3]


def test_a_swap_of_a_turn_stays() -> None:
    assert [] == found(by_utc(changes=[SWAP]), weeks("ab dc cd da"))
    expected = [("frozen", "david", "01-12 00:00")]
    assert expected == found(by_utc(changes=[SWAP]), weeks("ab bc cd da"))
    # Beside it a plan may do what it likes.
    assert [] == found(by_utc(changes=[SWAP]), weeks("ba dc ab bd"))


@pytest.mark.parametrize("change", [PART, OVERRIDE], ids=["swap of a part", "override"])
def test_the_turn_around_a_change_of_part_of_it_stays_too(change: dict[str, Any]) -> None:
    who = "d" if change is PART else "a"
    day = (
        shift("2026-01-12", "2026-01-13", "bc"),
        shift("2026-01-13", "2026-01-14", f"{who}c"),
        shift("2026-01-14", "2026-01-19", "bc"),
    )
    team = by_utc(changes=[change])
    assert [] == found(team, (*weeks("ab"), *day, *weeks("cd", FIRST + 2 * WEEK)))
    turned = (*day[:2], shift("2026-01-14", "2026-01-19", "cb"))
    assert [("frozen", "bob", "01-14 00:00")] == found(
        team, (*weeks("ab"), *turned, *weeks("cd", FIRST + 2 * WEEK))
    )


def test_more_changes_than_allowed_are_found() -> None:
    earlier = {FIRST: ("alice", "bob"), FIRST + WEEK: ("bob", "carol")}
    plan = {FIRST: ("alice", "carol"), FIRST + WEEK: ("carol", "bob"), FIRST + 2 * WEEK: ("alice", "david")}
    assert 3 == changes(plan, earlier)
    served = weeks("ac cb ad")
    assert [] == found(by_utc(), served, owners=plan, earlier=earlier, budget=3)
    assert [("budget", "", "01-05 00:00")] == found(by_utc(), served, owners=plan, earlier=earlier, budget=2)
    (finding,) = told(by_utc(), served, owners=plan, earlier=earlier, budget=2)
    assert "duties with another owner than in the earlier plan: 3, of 2 allowed" == finding[3]
    assert [] == found(by_utc(), served, owners=plan, earlier=earlier)
