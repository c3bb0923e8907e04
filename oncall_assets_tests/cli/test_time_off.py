"""Time off: one line more in `team.yaml`, with who serves instead, or a refusal that says who else is away."""

from __future__ import annotations

from pathlib import Path

from oncall_assets_tests.cli.company import TEAM, handbook, oncall, refused
from oncall_assets_tests.cli.rotas import GONE, cells, serve, text


def test_time_off_shows_who_serves_instead(tmp_path: Path) -> None:
    folder = handbook(tmp_path / "book")
    result = oncall(
        folder, "away", "--who", "bob", "--from", "2026-05-05", "--to", "2026-05-06", "--why", "dentist"
    )
    # Days of London, in the wall times of New York.
    assert [["Mon 2026-05-04 19:00", "Wed 2026-05-06 19:00"]] == [row[:2] for row in cells(result.stdout)]
    assert f"{TEAM}\naway:\n  - {{who: bob, from: 2026-05-05, to: 2026-05-06, why: dentist}}\n" == text(folder)
    primary, secondary = serve(folder, "2026-05-05T12:00")
    assert ("carol", True) == (primary, secondary in {"alice", "david"})


def test_part_of_a_day_off_is_written_with_its_hours(tmp_path: Path) -> None:
    folder = handbook(tmp_path / "book")
    hours = ("--from-hour", "13:00", "--to-hour", "17:00")
    result = oncall(folder, "away", "--who", "alice", "--from", "2026-01-06", "--to", "2026-01-06", *hours)
    assert [["Tue 2026-01-06 13:00", "Tue 2026-01-06 17:00"]] == [row[:2] for row in cells(result.stdout)]
    assert 'from_hour: "13:00", to_hour: "17:00", why: vacation}' in text(folder)


def test_time_off_that_moves_nothing_says_so(tmp_path: Path) -> None:
    folder = handbook(tmp_path / "book")
    result = oncall(folder, "away", "--who", "david", "--from", "2026-05-05", "--to", "2026-05-06")
    assert (0, True) == (result.exit_code, "Nobody's shifts change." in result.stdout)


def test_time_off_that_leaves_nobody_is_refused_with_who_else_is_away(tmp_path: Path) -> None:
    gone = "away:\n" + "".join(
        f"- {{who: {who}, from: 2026-05-05, to: 2026-05-06, why: vacation}}\n" for who in ("carol", "david")
    )
    folder = handbook(tmp_path / "book", gone)
    lines = refused(oncall(folder, "away", "--who", "bob", "--from", "2026-05-06", "--to", "2026-05-09"))
    assert lines[0].startswith("refused: away[2]")
    assert "only alice is left" in lines[0]
    assert [
        f"  {who} is away in that time too: vacation, 2026-05-05 to 2026-05-06" for who in ("carol", "david")
    ] == (lines[1:])
    assert TEAM + gone == text(folder)


def test_time_off_that_is_taken_already_is_refused(tmp_path: Path) -> None:
    folder = handbook(tmp_path / "book", GONE)
    lines = refused(oncall(folder, "away", "--who", "david", "--from", "2026-05-06", "--to", "2026-05-06"))
    assert ["refused: david is away from 2026-05-05 to 2026-05-06 already, for vacation"] == lines
