"""A quarter is published once, stays as it was told, and reads the same in every place people read it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.rota import Quarter, Shift, shifts
from oncall_assets.rota.palette import initials
from oncall_assets.rota.publish import CannotPublish, due, hand_out, missing, promised, publish, published_file
from oncall_assets_tests.rota.handbooks import handbook_plus

Q1 = Quarter(2027, 1)
AUTUMN = datetime(2026, 10, 1, 8, 0, 12, tzinfo=UTC)
HOLIDAYS = "holidays: {rule: secondary_covers, share_multi_day: true}\n"
PUBLISH = "publish: {ahead: 1 quarter}\n"
SWAP = "changes: [{kind: swap, turn: 2027-02-01, give: alice, take: david, requested: 2026-12-01}]\n"


def quarter_of(handbook: Handbook, quarter: Quarter) -> list[Shift]:
    return shifts(handbook, quarter.start(handbook.team), quarter.end(handbook.team))


def pairs(found: list[Shift]) -> list[tuple[datetime, datetime, str, str]]:
    return [(shift.start, shift.end, shift.primary, shift.secondary) for shift in found]


def test_the_file_holds_the_shifts_as_planned_and_loads_as_they_were(tmp_path: Path) -> None:
    handbook = handbook_plus(tmp_path / "book", HOLIDAYS)
    planned = quarter_of(handbook, Q1)

    told = publish(handbook, Q1, AUTUMN, tmp_path / "out")

    again = load_handbook(handbook.folder, frozenset(LANDED))
    assert tmp_path / "book" / "published" / "2027Q1.yaml" == told.frozen
    assert AUTUMN == again.published_at["2027Q1"]
    frozen = again.published["2027Q1"]
    expected = [(*pair, list(shift.why)) for pair, shift in zip(pairs(planned), planned, strict=True)]
    assert expected == [(s.start, s.end, s.primary, s.secondary, s.why) for s in frozen]
    assert pairs(planned) == pairs(list(told.shifts)) == pairs(quarter_of(again, Q1))


def test_names_and_reasons_that_mean_something_in_yaml_come_back_as_text(tmp_path: Path) -> None:
    why = '"a: b, {c} # \\"d\\" \\\\ \\x7f \\u2028 \\U0001F600"'
    away = f'away: [{{who: "12", from: 2027-01-20, to: 2027-02-20, why: {why}}}]\n'
    edits = ("  alice:", '  "12":'), ("[alice,", '["12",'), ("alice]", '"12"]'), ("ary: alice", 'ary: "12"')
    handbook = handbook_plus(tmp_path / "book", away, *edits)
    planned = quarter_of(handbook, Q1)
    assert any('a: b, {c} # "d" \\ \x7f \u2028 \U0001f600' in text for shift in planned for text in shift.why)

    publish(handbook, Q1, AUTUMN, tmp_path / "out")

    frozen = load_handbook(handbook.folder, frozenset(LANDED)).published["2027Q1"]
    expected = [(shift.primary, shift.secondary, list(shift.why)) for shift in planned]
    assert expected == [(shift.primary, shift.secondary, shift.why) for shift in frozen]


def test_a_later_plan_moves_nothing_that_was_published(tmp_path: Path) -> None:
    handbook = handbook_plus(tmp_path / "book")
    told = publish(handbook, Q1, AUTUMN, tmp_path / "out")

    away = "away: [{who: alice, from: 2026-12-28, to: 2027-04-30}]\n"
    replanned = handbook_plus(tmp_path / "book", away + HOLIDAYS, ("[david, alice]", "[david, carol]"))

    assert pairs(list(told.shifts)) == pairs(quarter_of(replanned, Q1))
    # The quarter after it is not published, and moves.
    following = {shift.secondary for shift in quarter_of(replanned, Q1.next) if shift.primary == "david"}
    assert "carol" in following


def test_a_published_quarter_is_never_published_again(tmp_path: Path) -> None:
    handbook = handbook_plus(tmp_path / "book")
    told = publish(handbook, Q1, AUTUMN, tmp_path / "out")
    before = told.frozen.read_bytes()
    again = load_handbook(handbook.folder, frozenset(LANDED))

    with pytest.raises(CannotPublish) as refused:
        publish(again, Q1, AUTUMN + timedelta(days=30), tmp_path / "other")

    assert (
        f"{told.frozen}: 2027Q1 was published on 2026-10-01, and people plan by it; "
        "change it by `oncall swap` or `oncall override`, then hand it out with `oncall publish --again`"
    ) == str(refused.value)
    assert before == told.frozen.read_bytes()
    assert not (tmp_path / "other").exists()


def test_of_many_who_publish_at_once_one_succeeds_and_the_file_is_theirs(tmp_path: Path) -> None:
    handbook = handbook_plus(tmp_path / "book")
    nows = [AUTUMN + timedelta(minutes=number) for number in range(8)]

    def attempt(now: datetime) -> datetime | str:
        try:
            publish(handbook, Q1, now, tmp_path / f"{now:%M}")
        except CannotPublish as refusal:
            return str(refusal)
        return now

    with ThreadPoolExecutor(len(nows)) as pool:
        results = list(pool.map(attempt, nows))

    (winner,) = [result for result in results if isinstance(result, datetime)]
    assert all("2027Q1 was published" in result for result in results if isinstance(result, str))
    assert {"2027Q1": winner} == load_handbook(handbook.folder, frozenset(LANDED)).published_at
    assert ["2027Q1.yaml"] == [path.name for path in (handbook.folder / "published").iterdir()]


def test_a_handbook_that_cannot_be_written_is_a_clear_refusal(tmp_path: Path) -> None:
    handbook = handbook_plus(tmp_path / "book")
    (handbook.folder / "published").write_text("in the way")

    with pytest.raises(
        CannotPublish, match=r"published/2027Q1.yaml cannot be written \(.+\); 2027Q1 is not published"
    ):
        publish(handbook, Q1, AUTUMN, tmp_path / "out")

    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("handoff", "start"), [("friday", "2026-01-02"), ("wednesday", "2026-01-07")])
def test_where_the_rotation_moved_the_next_quarter_begins_where_the_last_one_as_told_ends(
    handoff: str, start: str, tmp_path: Path
) -> None:
    first = publish(handbook_plus(tmp_path / "book"), Q1, AUTUMN, tmp_path / "out")
    edits = ("handoff: monday", f"handoff: {handoff}"), ("start: 2026-01-05", f"start: {start}")
    moved = handbook_plus(tmp_path / "book", "", *edits)

    second = publish(moved, Q1.next, AUTUMN + timedelta(days=90), tmp_path / "out")

    again = load_handbook(moved.folder, frozenset(LANDED))
    told = shifts(again, Q1.start(again.team), Q1.next.end(again.team))
    assert all(before.end == after.start for before, after in pairwise(told))
    assert first.shifts[-1].end == second.shifts[0].start
    handed = hand_out(again, Q1.next, AUTUMN + timedelta(days=91), tmp_path / "out")
    assert pairs(list(second.shifts)) == pairs(list(handed.shifts))


def test_a_quarter_published_before_the_one_in_front_of_it_stays_and_ends_that_one(tmp_path: Path) -> None:
    handbook = handbook_plus(tmp_path / "book")
    later = publish(handbook, Q1.next, AUTUMN, tmp_path / "out")
    edits = ("handoff: monday", "handoff: friday"), ("start: 2026-01-05", "start: 2026-01-02")

    earlier = publish(handbook_plus(tmp_path / "book", "", *edits), Q1, AUTUMN, tmp_path / "out")

    assert later.shifts[0].start == earlier.shifts[-1].end


def test_a_quarter_in_which_no_turn_begins_is_refused_and_not_promised(tmp_path: Path) -> None:
    long = handbook_plus(tmp_path / "book", PUBLISH, ("turn: 1 week", "turn: 52 weeks"))
    begins = datetime(2026, 1, 5, 14, tzinfo=UTC)

    with pytest.raises(CannotPublish, match="no turn begins in 2026Q3; turns last 364 days"):
        publish(long, Quarter(2026, 3), AUTUMN, tmp_path / "out")

    assert [Quarter(2026, 1)] == promised(long.team, begins)


def test_a_quarter_that_ended_is_refused_and_one_that_runs_is_not(tmp_path: Path) -> None:
    handbook = handbook_plus(tmp_path / "book")
    end = Q1.end(handbook.team)

    with pytest.raises(CannotPublish, match=r"2027Q1 ended on Mon 2027-04-05 09:00 America/New_York"):
        publish(handbook, Q1, end, tmp_path / "out")
    publish(handbook, Q1, end - timedelta(seconds=1), tmp_path / "out")

    assert published_file(handbook.folder, Q1).is_file()


def test_swaps_made_later_are_in_what_is_handed_out_and_not_in_the_file(tmp_path: Path) -> None:
    handbook = handbook_plus(tmp_path / "book")
    first = publish(handbook, Q1, AUTUMN, tmp_path / "out")
    frozen = first.frozen.read_bytes()

    changed = handbook_plus(tmp_path / "book", SWAP)
    second = hand_out(changed, Q1, AUTUMN + timedelta(days=70), tmp_path / "out")

    moved = [
        after
        for before, after in zip(pairs(list(first.shifts)), pairs(list(second.shifts)), strict=True)
        if before != after
    ]
    assert [("david", "2027-02-01")] == [(pair[2], f"{pair[0]:%Y-%m-%d}") for pair in moved]
    assert frozen == first.frozen.read_bytes()
    assert first.files == second.files
    assert "2026-12-10 08:00 UTC" in (tmp_path / "out" / "rota.html").read_text()


def test_what_is_not_published_is_not_handed_out(tmp_path: Path) -> None:
    handbook = handbook_plus(tmp_path / "book")
    with pytest.raises(
        CannotPublish, match=r"2027Q1 is not published in .*; run `oncall publish --quarter 2027Q1`"
    ):
        hand_out(handbook, Q1, AUTUMN, tmp_path / "out")


def test_one_quarter_ahead_means_that_the_next_one_is_told_when_a_quarter_begins(tmp_path: Path) -> None:
    handbook = handbook_plus(tmp_path / "book", PUBLISH)
    begins = Q1.start(handbook.team)

    assert [Quarter(2026, 4), Q1] == promised(handbook.team, begins - timedelta(seconds=1))
    assert [Q1, Q1.next] == promised(handbook.team, begins)
    assert [] == promised(handbook_plus(tmp_path / "none").team, begins)


def test_a_quarter_is_due_two_weeks_before_it_is_promised_and_until_it_is_published(tmp_path: Path) -> None:
    handbook = handbook_plus(tmp_path / "book", PUBLISH)
    promised_at = Quarter(2026, 4).start(handbook.team)
    early = promised_at - timedelta(days=14)
    publish(handbook, Quarter(2026, 3), early - timedelta(days=1), tmp_path / "a")
    publish(handbook, Quarter(2026, 4), early - timedelta(days=1), tmp_path / "b")

    assert [] == due(handbook, early - timedelta(seconds=1))
    assert [Q1] == due(handbook, early)
    assert [] == missing(handbook, promised_at - timedelta(seconds=1))
    assert [Q1] == missing(handbook, promised_at)
    publish(handbook, Q1, promised_at, tmp_path / "c")
    assert [] == due(handbook, promised_at)


class _Page(HTMLParser):
    """What a browser would fetch or run, the tags, and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.hovers: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        fields = dict(attrs)
        self.hovers += [value for name, value in attrs if name == "title" and value]
        self.links += [value for name, value in attrs if name in {"src", "href"} and value]
        assert not [name for name in fields if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_needs_nothing_else_and_runs_nothing(tmp_path: Path) -> None:
    told = publish(handbook_plus(tmp_path / "book"), Q1, AUTUMN, tmp_path / "out")
    text = told.files[0].read_text()
    page = _Page(text)
    assert [] == page.links
    assert not {"script", "link", "iframe", "img", "object"} & set(page.tags)
    assert "url(" not in text
    assert "@import" not in text


def test_the_page_tells_each_shift_with_its_reasons_on_hover_and_in_its_list(tmp_path: Path) -> None:
    handbook = handbook_plus(
        tmp_path / "book", HOLIDAYS + "away: [{who: bob, from: 2027-01-11, to: 2027-01-20}]\n"
    )
    told = publish(handbook, Q1, AUTUMN, tmp_path / "out")
    page = _Page(told.files[0].read_text())
    zone = ZoneInfo(handbook.team.timezone)
    for shift in told.shifts:
        name = handbook.team.engineers[shift.primary].name
        start = shift.start.astimezone(zone)
        when = f"{start:%a} {start.day} {start:%b %Y %H:%M}"
        hovers = [hover for hover in page.hovers if hover.startswith(f"{name} is primary\n{when} ")]
        assert hovers, (name, when)
        assert all(reason in hovers[0] and reason in page.text for reason in shift.why)
    assert [hover for hover in page.hovers if hover.startswith("Mon 18 Jan\n") and "Alice Johnson" in hover]


def test_what_people_wrote_is_text_on_the_page_and_never_markup(tmp_path: Path) -> None:
    evil = '</style><script>alert(1)</script><b title="x">O\'Neil & "co"'
    why = "'<script>alert(2)</script>\" onclick=\"x'"
    away = f"away: [{{who: bob, from: 2027-01-11, to: 2027-01-20, why: {why}}}]\n"
    named = ("name: Alice Johnson", "name: " + json.dumps(evil))

    told = publish(handbook_plus(tmp_path / "book", away, named), Q1, AUTUMN, tmp_path / "out")

    page = _Page(told.files[0].read_text())
    assert "script" not in page.tags
    assert 1 == page.tags.count("style")
    assert evil in page.text
    assert any("<script>alert(2)</script>" in hover for hover in page.hovers)


def test_two_people_have_the_same_initials_on_no_page() -> None:
    names = ["Alice Johnson", "Anna Jones", "Adam Jo", "Al Jonson", "Al Jonsson", "Cher", "Jo", "Ann  Marie Lee"]
    found = initials(names)
    assert len(names) == len(set(found.values()))
    assert ("Ch", "AL") == (found["Cher"], found["Ann  Marie Lee"])
    assert ["E1", "E2"] == list(initials(["Eng1", "Eng2"]).values())
    assert max(map(len, found.values())) <= 3
