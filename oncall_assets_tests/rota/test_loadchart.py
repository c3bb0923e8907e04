"""The picture of the load: a whole SVG whose parts are the measure's, whatever people are called."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from oncall_assets.handbook.team import Team
from oncall_assets.rota.fairness import Fairness, fairness, measure
from oncall_assets.rota.loadchart import load_chart
from oncall_assets.rota.shift import Reason, Shift
from oncall_assets_tests.rota.teams import handbook, team

SVG = "{http://www.w3.org/2000/svg}"
MAJOR = ["Thanksgiving", "New Year's Day", "Christmas Day"]
ODD = 'Bo <b>&amp; "Q"\x0b'
LONG = "Maria-Magdalena von Hohenstaufen-Wittgenstein"
START, END = datetime(2026, 11, 23, tzinfo=UTC), datetime(2027, 1, 4, tzinfo=UTC)


def named(count: int = 4, **more: Any) -> Team:
    names = [f"e{number}" for number in range(count)]
    people: dict[str, dict[str, Any]] = {who: {"name": f"Engineer {who}"} for who in names}
    people["e0"] = {"name": ODD}
    people["e1"] = {"name": LONG}
    return team(order=names, people=people, holidays={"major": MAJOR}, **more)


def drawn(of: Team, start: datetime = START, end: datetime = END) -> tuple[Fairness, ElementTree.Element]:
    found = fairness(handbook(of), start, end)
    return found, ElementTree.fromstring(load_chart(found, of))


def texts(picture: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in picture.iter(f"{SVG}text")]


def pieces(picture: ElementTree.Element) -> list[tuple[str, float, str, str, float, float]]:
    """Who, points, kind, role, left edge and width of each piece of a bar."""
    found = []
    for rect in picture.iter(f"{SVG}rect"):
        match = re.fullmatch(r"(.*): ([\d.]+) points of (.*), (.*)", rect.findtext(f"{SVG}title", ""))
        if match:
            who, points, kind, role = match.groups()
            found.append((who, float(points), kind, role, float(rect.attrib["x"]), float(rect.attrib["width"])))
    return found


def marks(picture: ElementTree.Element) -> list[str]:
    """What the squares of the holidays say."""
    titles = [rect.findtext(f"{SVG}title", "") for rect in picture.iter(f"{SVG}rect")]
    return [title for title in titles if title and "points of" not in title]


@pytest.mark.parametrize("count", [2, 4, 50])
def test_a_bar_has_the_points_of_its_engineer_by_kind_of_time_and_role(count: int) -> None:
    found, picture = drawn(named(count))
    labels = {"weekday": "weekday", "weekend": "weekend", "holiday": "public holiday", "major": "major holiday"}
    names = {load.who: named(count).engineers[load.who].name.replace("\x0b", " ") for load in found.loads}
    expected = [
        (names[load.who], round(load.by_kind[role, kind], 1), labels[kind], role)
        for load in found.loads
        for role in ("primary", "secondary")
        for kind in ("weekday", "weekend", "holiday", "major")
        if (role, kind) in load.by_kind
    ]
    assert expected == [piece[:4] for piece in pieces(picture)]
    assert [pytest.approx(load.points) for load in found.loads] == [
        sum(load.by_kind.values()) for load in found.loads
    ]


def test_pieces_lie_side_by_side_on_one_scale() -> None:
    _, picture = drawn(named())
    ends: dict[str, float] = {}
    scales = set()
    for who, points, _, _, left, width in pieces(picture):
        assert ends.get(who, left) == pytest.approx(left, abs=0.02)
        ends[who] = left + width
        if points > 50:
            scales.add(round(width / points, 1))
    assert 1 == len(scales)


def test_the_stroke_stands_where_the_share_ends_less_what_was_carried_over() -> None:
    of, week = named(2), timedelta(weeks=1)
    shift = Shift(START, START + week, "e0", "e1", (Reason("base", "for the test"),))
    found = measure(of, [shift], START, START + week, {"e0": 20.0})
    bars = ElementTree.fromstring(load_chart(found, of))
    left, width, points = next((piece[4], piece[5], piece[1]) for piece in pieces(bars))
    strokes = [
        float(match[1])
        for path in bars.iter(f"{SVG}path")
        if path.get("stroke-width") == "2" and (match := re.match(r"M([\d.]+) ", path.attrib["d"]))
    ]
    # The first is the legend's.
    assert [pytest.approx(left + load.due * width / points, abs=0.1) for load in found.loads] == strokes[1:]
    assert 20 == pytest.approx(found.loads[1].due - found.loads[0].due)


def test_major_holidays_are_marked_for_both_who_serve_and_named_by_year_and_date() -> None:
    _, picture = drawn(named())
    # Turns 46 and 50 are e2's with e3, turn 51 is e3's with e0.
    assert [
        "Engineer e2: Thanksgiving 2026",
        "Engineer e3: Thanksgiving 2026",
        "Engineer e2: Christmas Day 2026",
        "Engineer e3: Christmas Day 2026",
        f"{ODD.replace(chr(11), ' ')}: New Year's Day 2027",
        "Engineer e3: New Year's Day 2027",
    ] == marks(picture)
    heads = [text for text in texts(picture) if text in (*MAJOR, "2026", "2027", "public holidays")]
    expected = ["2026", "Thanksgiving", "Christmas Day", "public holidays"]
    assert [*expected, "2027", "New Year's Day", "public holidays"] == heads


def test_public_holidays_are_counted_by_year_for_who_was_primary_then() -> None:
    # Thanksgiving and Christmas, and the new year after it.
    _, picture = drawn(named())
    grid = texts(picture)[texts(picture).index("2026") :]
    assert ["2", "1"] == [text for text in grid if text in {"1", "2", "3"}]


def test_without_a_holiday_there_is_no_grid() -> None:
    _, picture = drawn(named(), datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 4, 6, tzinfo=UTC))
    assert "Holidays on duty" not in texts(picture)


def test_names_are_text_whatever_is_in_them_and_a_long_one_is_cut() -> None:
    _, picture = drawn(named())
    assert ODD.replace("\x0b", " ") in texts(picture)
    assert "Maria-Magdalena von Hohenstaufe…" in texts(picture)
    assert {"svg", "title", "rect", "path", "g", "text"} == {part.tag.removeprefix(SVG) for part in picture.iter()}


def test_a_window_in_which_nobody_served_is_a_picture_too() -> None:
    found = measure(named(), [], START, END)
    assert [] == pieces(ElementTree.fromstring(load_chart(found, named())))


def test_everything_lies_within_the_picture() -> None:
    every = ["Martin Luther King Jr. Day", "Presidents' Day", "Memorial Day", "Juneteenth", "Labor Day", *MAJOR]
    of = named().model_copy(update={"holidays": named().holidays.model_copy(update={"major": every})})
    _, picture = drawn(of, datetime(2026, 1, 1, tzinfo=UTC), datetime(2033, 1, 1, tzinfo=UTC))
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    for rect in picture.iter(f"{SVG}rect"):
        assert float(rect.attrib["x"]) + float(rect.attrib["width"]) <= width
        assert float(rect.attrib["y"]) + float(rect.attrib["height"]) <= height
