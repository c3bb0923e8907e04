"""The shifts of a window, what they weigh, and the quarter as it is published."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from oncall_assets.handbook.source import read_yaml
from oncall_assets_tests.cli.company import handbook, oncall
from oncall_assets_tests.cli.rotas import GONE, cells


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return handbook(tmp_path / "book")


def test_the_rota_of_a_window_is_a_row_a_shift(book: Path) -> None:
    output = oncall(book, "rota", "--from", "2026-05-04", "--to", "2026-05-17").stdout
    assert [
        ["Mon 2026-04-27 09:00", "Mon 2026-05-04 09:00", "alice", "bob"],
        ["Mon 2026-05-04 09:00", "Mon 2026-05-11 09:00", "bob", "carol"],
        ["Mon 2026-05-11 09:00", "Mon 2026-05-18 09:00", "carol", "david"],
    ] == cells(output)
    assert "Wall times of America/New_York." in output


def test_a_row_says_what_changed_the_plan(tmp_path: Path) -> None:
    output = oncall(handbook(tmp_path / "away", GONE), "rota", "--from", "2026-05-11", "--to", "2026-05-11").stdout
    assert 4 == len(cells(output)[-1])
    change = ("override", "--from", "2026-05-12T09:00", "--to", "2026-05-13T09:00", "--primary", "bob")
    assert 0 == oncall(tmp_path / "away", *change, "--because", "[bold] or not").exit_code
    output = oncall(tmp_path / "away", "rota", "--from", "2026-05-12", "--to", "2026-05-12").stdout
    assert ["bob", "david"] == cells(output)[-1][2:4]
    assert cells(output)[-1][4].endswith("[bold] or not")


def test_programs_get_the_same_shifts_without_a_gap(book: Path) -> None:
    found = json.loads(oncall(book, "rota", "--from", "2026-05-04T13:00Z", "--to", "2026-06-01", "--json").stdout)
    assert "2026-05-04T13:00:00+00:00" == found[0]["start"]
    assert [one["end"] for one in found[:-1]] == [one["start"] for one in found[1:]]
    assert ("bob", "carol", "base") == (
        found[0]["primary"],
        found[0]["secondary"],
        found[0]["reasons"][0]["layer"],
    )


def test_by_default_the_rota_is_of_the_next_four_weeks(book: Path) -> None:
    found = json.loads(oncall(book, "rota", "--json").stdout)
    days = (datetime.fromisoformat(found[-1]["end"]) - datetime.fromisoformat(found[0]["start"])).days
    assert 28 <= days <= 36


def test_fairness_tells_hours_and_points_of_a_year_and_grafanas_score(book: Path) -> None:
    output = oncall(book, "fairness", "--year", "2026").stdout
    assert ["alice", "bob", "carol", "david"] == [row[0] for row in cells(output)]
    lines = output.splitlines()
    assert "From Thu 2026-01-01 00:00 to Fri 2027-01-01 00:00 America/New_York." == lines[-3]
    assert lines[-2].startswith("Spread ")
    assert "Grafana OnCall's score 100: covered 100, hours balanced 100." == lines[-1]


def test_fairness_has_the_points_by_kind_of_time_and_draws_them(book: Path, tmp_path: Path) -> None:
    picture = tmp_path / "load.svg"
    arguments = ("--from", "2026-03-09T09:00", "--to", "2026-03-16T09:00", "--picture", str(picture))
    output = oncall(book, "fairness", *arguments).stdout
    # A week of bob's with carol: all, share, what that would be, and beyond it.
    assert ["50+0", "40+0", "0+0", "0+0", "90", "25.0 %", "32", "+58.5"] == cells(output)[1][-8:]
    assert ["0+20", "0+16", "0+0", "0+0", "36", "25.0 %", "32", "+4.5"] == cells(output)[2][-8:]
    told = [title.text for title in ElementTree.parse(picture).iter("{http://www.w3.org/2000/svg}title")]
    assert ["Load in points, spread 90.0", "Bob Smith: 50.0 points of weekday, primary"] == told[:2]


def test_a_picture_that_cannot_be_written_is_one_clear_error(book: Path, tmp_path: Path) -> None:
    result = oncall(book, "fairness", "--picture", str(tmp_path / "nowhere" / "load.svg"))
    assert (2, "") == (result.exit_code, result.stdout)
    assert "No such file or directory; expected a file in a folder that exists" in result.stderr.splitlines()[-1]


def test_fairness_for_programs_adds_up(book: Path) -> None:
    # The week in which summer time begins in New York has an hour less.
    arguments = ("fairness", "--from", "2026-03-02T09:00", "--to", "2026-03-09T09:00", "--json")
    found = json.loads(oncall(book, *arguments).stdout)
    hours = {load["who"]: (load["primary"]["total"], load["secondary"]["total"]) for load in found["engineers"]}
    # Turn 8 is alice's with bob.
    assert {"alice": (167, 0), "bob": (0, 167), "carol": (0, 0), "david": (0, 0)} == hours
    assert pytest.approx(1) == sum(load["share"] for load in found["engineers"])
    assert {"covered": 100, "balance": 100, "score": 100} == found["grafana"]
    assert not found["fair"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("rota", "--from", "2026-05-04", "--to", "2026-05-03"), "--to 2026-05-03 is not after --from 2026-05-04"),
        (("rota", "--from", "soon"), "'soon' is no instant"),
        (("fairness", "--from", "2026-05-04"), "expected --from and --to together, or --year"),
        (("fairness", "--year", "2026", "--from", "2026-01-01", "--to", "2026-02-01"), "expected --from and --to"),
        (("fairness", "--year", "20266"), "20266 is not in the range 1970<=x<=2199"),
        (("publish", "--quarter", "2027Q5"), "'2027Q5' is no quarter; expected one such as 2027Q1"),
        (("publish", "--quarter", "9999Q4"), "9999Q4 is out of range; expected a year from 1970 to 2199"),
    ],
)
def test_bad_input_is_one_clear_error(book: Path, arguments: tuple[str, ...], expected: str) -> None:
    result = oncall(book, *arguments)
    assert (2, "") == (result.exit_code, result.stdout)
    assert expected in result.stderr.splitlines()[-1]


def test_a_quarter_is_published_once_and_handed_out_again(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = oncall(book, "publish", "--quarter", "2190Q1", "--out", str(out))
    assert 0 == first.exit_code, first.output
    frozen = book / "published" / "2190Q1.yaml"
    assert f"{frozen}: 2190Q1, 13 shifts; commit it, and it is published." == first.stdout.splitlines()[0]
    files = [str(path) for path in sorted(out.rglob("*")) if path.is_file()]
    assert files == sorted(first.stdout.splitlines()[1:])
    assert "2190Q1" == read_yaml(frozen).tree["quarter"]

    second = oncall(book, "publish", "--quarter", "2190Q1", "--out", str(out))
    assert (1, "") == (second.exit_code, second.stdout)
    assert "2190Q1 was published" in second.stderr
    assert 0 == oncall(book, "publish", "--quarter", "2190Q1", "--again", "--out", str(out)).exit_code


def test_a_quarter_that_is_over_is_not_published(book: Path) -> None:
    result = oncall(book, "publish", "--quarter", "2020Q1")
    assert (1, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith("refused: 2020Q1 ended on ")
    assert not (book / "published").exists()
