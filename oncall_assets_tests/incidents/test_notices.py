"""People are told of their turns in time, once, and at once when somebody moves a published shift."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.incidents.case import Desk
from oncall_assets.incidents.delivery.courier import Courier
from oncall_assets.incidents.ledger.ledger import IncidentLine, Ledger
from oncall_assets.incidents.lineage import Lineage
from oncall_assets.incidents.notices import Past, turn_notices
from oncall_assets.incidents.tell import Teller
from oncall_assets.incidents.tick import Round
from oncall_assets.notify.console import Console, as_text
from oncall_assets.rota import Rota, Shift
from oncall_assets_tests.incidents.company import ASSETS, handbook, orders, orders_check, run
from oncall_assets_tests.incidents.conftest import PATIENCE, Post, Watch, down

# Ben takes over from Ann on Monday 2026-01-12 at 09:00 London time.
HANDOFF = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
_START = "from 2026-01-12 09:00 UTC"


def book(folder: Path, *lines: str) -> Handbook:
    """The team of the other tests, told a week and a day ahead."""
    handbook(folder)
    with (folder / "team.yaml").open("a") as team:
        print("notices: {ahead: [1 week, 1 day]}", *lines, sep="\n", file=team)
    return load_handbook(folder, frozenset())


def watching(instance: dg.DagsterInstance, made: Handbook, ledger: Ledger) -> Watch:
    graph = dg.Definitions(assets=ASSETS).resolve_asset_graph()
    post, printed = Post(), list[str]()
    desk = Desk(made, Lineage(graph), "http://dagster.example", Rota(made))
    console = Console(printed.append)
    courier = Courier(ledger, [post], console, made.team.limits)
    rounds = Round(instance, desk, ledger, courier, Teller(ledger, [post], console), patience=PATIENCE)
    return Watch(rounds, post, printed)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as made:
        yield made


@pytest.fixture
def told(instance: dg.DagsterInstance, tmp_path: Path, ledger: Ledger) -> Watch:
    return watching(instance, book(tmp_path / "book"), ledger)


def at(watch: Watch, instant: datetime) -> list[str]:
    """Titles of one tick's notices with whom they went to, but for those of other turns than Ben's."""
    watch.post.notices.clear()
    watch.now = instant
    watch.tick()
    # What a tick has written the next one sends.
    watch.tick()
    titles = [f"{notice.to.key}: {notice.title}" for notice in watch.post.notices]
    return sorted(title for title in titles if "from" not in title or _START in title)


@pytest.mark.parametrize(
    ("before", "words"),
    [(timedelta(days=7), "in 7 d"), (timedelta(days=1), "in 1 d"), (timedelta(0), "now")],
)
def test_whose_turn_starts_is_told_a_week_and_a_day_ahead_and_at_the_handoff(
    before: timedelta, words: str, told: Watch
) -> None:
    at(told, HANDOFF - before - timedelta(minutes=1))
    assert [
        f"ann: You are on call (secondary) {words}, {_START} (Mon 09:00 Europe/London)",
        f"ben: You are on call (primary) {words}, {_START} (Mon 04:00 America/New_York)",
    ] == at(told, HANDOFF - before)


def test_a_notice_is_sent_once(told: Watch) -> None:
    assert 2 == len(at(told, HANDOFF))
    assert [] == at(told, HANDOFF + timedelta(minutes=5))


def test_a_pager_that_was_down_tells_only_what_is_still_true(told: Watch) -> None:
    # Neither the week's nor the day's notice was sent; half a day into the turn it is too late for any.
    assert ["in 3 h", "in 3 h"] == [
        title.split(") ")[1].split(",")[0] for title in at(told, HANDOFF - timedelta(hours=3))
    ]
    assert [] == at(told, HANDOFF + timedelta(hours=13))


def test_the_notice_says_until_when_with_whom_and_why(told: Watch) -> None:
    at(told, HANDOFF)
    (notice,) = [notice for notice in told.post.notices if "(primary) now" in notice.title]
    rows = dict(notice.rows)
    assert "2026-01-19 09:00 UTC (Mon 04:00 America/New_York)" == rows["Until"]
    assert ("Ann Archer", "none", "none") == (rows["With"], rows["Open"], rows["Last turn"])
    assert rows["Because"].startswith("turn 2 of the rotation")
    assert "You are on call (primary) now" in as_text(notice)


def test_the_handoff_notice_lists_open_incidents_and_those_of_the_last_turn(told: Watch) -> None:
    at(told, HANDOFF - timedelta(days=2))
    run(told.round.instance, orders, orders_check(passed=False))
    told.tick()
    run(told.round.instance, orders, orders_check(passed=True))
    told.tick()
    run(told.round.instance, orders, orders_check(passed=False))
    told.tick()
    (first, second) = (f"#{number} minor: complete failed on orders (2026-01-07)" for number in (1, 2))
    at(told, HANDOFF)
    rows = dict(told.post.notices[0].rows)
    assert (second, first) == (rows["Open"], rows["Last turn"])


def test_what_was_resolved_before_the_last_turn_is_not_handed_over_again(told: Watch) -> None:
    def over(number: int, title: str, days: int) -> IncidentLine:
        return IncidentLine(
            number, title, "minor", None, HANDOFF - timedelta(days=days), HANDOFF - timedelta(days=1)
        )

    past = Past([over(1, "long over", 20), over(2, "of the last turn", 2)], [])
    desk = told.round.desk
    notices = turn_notices(desk.handbook, desk.rota, past, HANDOFF)
    (notice,) = [notice for notice in notices if "(primary) now" in notice.title]
    assert "#2 minor: of the last turn" == dict(notice.rows)["Last turn"]


def test_the_handoff_notice_has_the_notes_of_the_last_turn(told: Watch, ledger: Ledger) -> None:
    ledger.note("ben", "of the turn before", HANDOFF - timedelta(days=8))
    ledger.note("ann", "the export of <finance> is slow on Mondays", HANDOFF - timedelta(days=2))
    at(told, HANDOFF)
    (notice,) = [notice for notice in told.post.notices if "(primary) now" in notice.title]
    notes = [text for label, text in notice.rows if label == "Note"]
    assert ["ann: the export of <finance> is slow on Mondays"] == notes


class BrokenRota(Rota):
    """Answers for an instant, and fails for a stretch."""

    def shifts(self, start: datetime, end: datetime) -> list[Shift]:
        raise ZeroDivisionError(f"{start} {end}")


def test_a_fault_in_the_notices_holds_up_no_page_and_is_said(told: Watch) -> None:
    told.tick()
    desk = replace(told.round.desk, rota=BrokenRota(told.round.desk.handbook))
    broken = replace(told, round=replace(told.round, desk=desk))
    run(broken.round.instance, orders, orders_check(passed=False))
    tick = broken.tick()
    assert ["complete failed on orders"] == [page.title for page in broken.post.pages]
    assert [True] == [
        "the notices of the rota were not written: ZeroDivisionError" in one for one in tick.troubles
    ]


def test_a_notice_that_cannot_be_sent_arrives_at_the_next_tick(told: Watch) -> None:
    told.post.trouble = down()
    assert [] == at(told, HANDOFF)
    told.post.trouble = None
    assert 2 == len(at(told, HANDOFF + timedelta(minutes=1)))


def test_a_team_that_asks_for_no_notices_gets_none(watch: Watch) -> None:
    assert [] == at(watch, HANDOFF)


PUBLISHED = """quarter: 2026Q1
published: 2025-10-01T08:00:00Z
shifts:
- {start: 2026-01-05T09:00:00Z, end: 2026-01-12T09:00:00Z, primary: ann, secondary: ben, why: [turn 1]}
- {start: 2026-01-12T09:00:00Z, end: 2026-01-19T09:00:00Z, primary: ben, secondary: ann, why: [turn 2]}
"""
OVERRIDE = """changes:
- {kind: override, from: "2026-01-14T09:00", to: "2026-01-15T09:00", primary: ann, secondary: ben,
   because: a dentist, requested: 2026-01-09}"""


def test_whoevers_published_shift_changes_is_told_at_once_and_once(
    instance: dg.DagsterInstance, tmp_path: Path, ledger: Ledger
) -> None:
    folder = tmp_path / "book"
    (folder / "published").mkdir(parents=True)
    (folder / "published" / "2026Q1.yaml").write_text(PUBLISHED)
    before = watching(instance, book(folder), ledger)
    friday = datetime(2026, 1, 9, 12, 0, tzinfo=UTC)
    assert not [title for title in at(before, friday) if "shift" in title]

    after = watching(instance, book(folder, OVERRIDE), ledger)
    assert [
        "ann: Ben Baker now has your secondary shift",
        "ann: You now have the primary shift of Ben Baker",
        "ben: Ann Archer now has your primary shift",
        "ben: You now have the secondary shift of Ann Archer",
    ] == [title for title in at(after, friday + timedelta(minutes=1)) if "shift" in title]
    (notice, *_) = [notice for notice in after.post.notices if notice.title.startswith("You now")]
    assert "2026-01-14 09:00 UTC" in dict(notice.rows)["Shift"]
    assert "a dentist" in dict(notice.rows)["Because"]
    assert not [title for title in at(after, friday + timedelta(minutes=2)) if "shift" in title]


def test_a_changed_shift_that_is_over_is_no_news(
    instance: dg.DagsterInstance, tmp_path: Path, ledger: Ledger
) -> None:
    folder = tmp_path / "book"
    (folder / "published").mkdir(parents=True)
    (folder / "published" / "2026Q1.yaml").write_text(PUBLISHED)
    late = watching(instance, book(folder, OVERRIDE), ledger)
    assert not [title for title in at(late, datetime(2026, 1, 16, tzinfo=UTC)) if "shift" in title]
