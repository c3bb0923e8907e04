"""Swaps and overrides: one line more in `team.yaml`, or a refusal that says what would be allowed."""

from __future__ import annotations

import stat
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from oncall_assets_tests.cli.company import TEAM, handbook, oncall, refused
from oncall_assets_tests.cli.rotas import GONE, cells, serve, text

NEW_YORK = ZoneInfo("America/New_York")
# Turn 17, bob's with carol.
SWAP = ("swap", "--turn", "2026-05-04", "--give", "bob", "--take", "alice", "--requested", "2026-04-20")
LINE = "{kind: swap, turn: 2026-05-04, give: bob, take: alice, requested: 2026-04-20}"
OTHER = "{kind: swap, turn: 2026-06-01,   give: bob, take: carol, requested: '2026-04-20T10:00'}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"\nchanges:\n  - {LINE}\n"),
        ("changes: []  # none\naway: []\n", f"changes:  # none\n  - {LINE}\naway: []\n"),
        (f"changes: [{OTHER}]  # kept\n", f"changes: [{OTHER}, {LINE}]  # kept\n"),
        (f"changes:\n- {OTHER}\n# end\n", f"changes:\n- {OTHER}\n- {LINE}\n# end\n"),
    ],
)
def test_a_swap_is_one_more_line_and_every_other_byte_stays(tmp_path: Path, before: str, after: str) -> None:
    folder = handbook(tmp_path / "book", before)
    (folder / "team.yaml").chmod(0o640)
    result = oncall(folder, *SWAP)
    assert 0 == result.exit_code, result.output
    assert TEAM + after == text(folder)
    assert 0o640 == stat.S_IMODE((folder / "team.yaml").stat().st_mode)
    assert ("alice", "carol") == serve(folder, "2026-05-04T09:00")
    line = text(folder)[: text(folder).index(LINE)].count("\n") + 1
    assert f"{folder}/team.yaml:{line}: changes: {LINE}" == result.stdout.splitlines()[0]


def test_before_and_after_show_the_shifts_that_change_and_no_other(tmp_path: Path) -> None:
    result = oncall(handbook(tmp_path / "book"), *SWAP)
    assert [["Mon 2026-05-04 09:00", "Mon 2026-05-11 09:00", "bob / carol", "alice / carol"]] == cells(
        result.stdout
    )
    assert "Wall times of America/New_York; primary / secondary." in result.stdout


def test_a_dry_run_shows_the_same_and_writes_nothing(tmp_path: Path) -> None:
    folder = handbook(tmp_path / "book")
    tried = oncall(folder, *SWAP, "--dry-run")
    assert (0, TEAM) == (tried.exit_code, text(folder))
    assert "Nothing was written." == tried.stdout.splitlines()[-1]
    assert tried.stdout.splitlines()[:-1] == oncall(folder, *SWAP).stdout.splitlines()[:-1]


def test_a_part_of_a_turn_is_swapped_by_its_hours(tmp_path: Path) -> None:
    folder = handbook(tmp_path / "book")
    result = oncall(
        folder, *SWAP, "--from", "2026-05-05T09:00", "--to", "2026-05-06 09:00", "--because", "a, b: c"
    )
    assert [["Tue 2026-05-05 09:00", "Wed 2026-05-06 09:00", "bob / carol", "alice / carol"]] == cells(
        result.stdout
    )
    assert 'from: "2026-05-05T09:00", to: "2026-05-06T09:00", requested: 2026-04-20, because: "a, b: c"}' in text(
        folder
    )


def test_a_swap_is_requested_today_in_the_teams_zone_unless_it_is_said(tmp_path: Path) -> None:
    folder = handbook(tmp_path / "book")
    first = datetime.now(NEW_YORK).date()
    assert 0 == oncall(folder, "swap", "--turn", "2189-12-28", "--give", "alice", "--take", "carol").exit_code
    written = YAML().load(text(folder))["changes"][0]
    assert written["requested"] in (first, datetime.now(NEW_YORK).date())
    assert ["kind", "turn", "give", "take", "requested"] == list(written)


def test_an_hour_of_request_is_kept_in_the_teams_zone(tmp_path: Path) -> None:
    folder = handbook(tmp_path / "book")
    result = oncall(folder, *SWAP[:-1], "2026-04-27T13:00Z")
    assert (0, True) == (result.exit_code, 'requested: "2026-04-27T09:00"' in text(folder))


def test_a_swap_too_late_names_the_first_turn_whose_notice_holds(tmp_path: Path) -> None:
    folder = handbook(tmp_path / "book")
    late = (*SWAP[:-1], "2026-04-27T09:01")
    lines = refused(oncall(folder, *late))
    assert lines[0].startswith("refused: changes[0].requested: 2026-04-27 09:01 is too late: the notice of 1 week")
    # The week after is carol's with david; bob has a role again with alice, three weeks on.
    assert [
        "  the next turn that bob can give to alice: --turn 2026-05-25",
        "  or the same again with --emergency NAME, who approved it",
    ] == lines[1:]
    assert TEAM == text(folder)
    assert 0 == oncall(folder, *(word.replace("2026-05-04", "2026-05-25") for word in late)).exit_code


def test_an_emergency_needs_no_notice_but_a_name(tmp_path: Path) -> None:
    folder = handbook(tmp_path / "book")
    result = oncall(folder, *SWAP[:-1], "2026-05-04T08:59", "--emergency", "Erin Gray")
    assert (0, True) == (result.exit_code, "emergency: Erin Gray}" in text(folder))


def test_a_taker_who_is_away_is_refused_with_who_could_take_it(tmp_path: Path) -> None:
    folder = handbook(tmp_path / "book", GONE)
    lines = refused(oncall(folder, *SWAP[:-3], "david", *SWAP[-2:]))
    assert "refused: changes[0].take: david is away: vacation, 2026-05-05 to 2026-05-06" in lines[0]
    assert "  alice (Alice Johnson) could: --take alice" == lines[1]
    assert lines[2].startswith("  the next turn that bob can give to david: --turn 2026-05-")
    assert TEAM + GONE == text(folder)
    assert 0 == oncall(folder, *SWAP).exit_code


def test_a_giver_without_a_role_is_told_whose_turn_it_is(tmp_path: Path) -> None:
    lines = refused(oncall(handbook(tmp_path / "book"), *SWAP[:3], "--give", "david", *SWAP[5:]))
    assert "refused: changes[0].give: 'david' has no role in the turn of 2026-05-04; it is that of bob" in lines[0]
    assert ["  the next turn that david can give to alice: --turn 2026-05-11"] == lines[1:]


def test_the_same_swap_twice_is_refused(tmp_path: Path) -> None:
    folder = handbook(tmp_path / "book")
    oncall(folder, *SWAP)
    once = text(folder)
    assert "was made before, by changes[0]; remove one of the two" in refused(oncall(folder, *SWAP))[0]
    assert once == text(folder)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((*SWAP[:5], "--take", "alise", *SWAP[7:]), "changes[0].take: 'alise' is no engineer; expected one of"),
        ((*SWAP[:5], "--take", "bob", *SWAP[7:]), "changes[0].take: 'bob' gives the turn too"),
        (("swap", "--turn", "2026-05-05", *SWAP[3:]), "changes[0].turn: no turn starts on 2026-05-05; expected"),
        (
            (*SWAP, "--from", "2026-05-11T09:00", "--to", "2026-05-12T09:00"),
            "changes[0].from: leads out of the turn",
        ),
        (("away", "--who", "al ice", "--from", "2026-05-04", "--to", "2026-05-04"), "away[0].who: 'al ice' is n"),
    ],
)
def test_what_the_rules_refuse_is_refused_before_it_is_written(
    tmp_path: Path, arguments: tuple[str, ...], expected: str
) -> None:
    folder = handbook(tmp_path / "book")
    assert refused(oncall(folder, *arguments))[0].startswith(f"refused: {expected}")
    assert TEAM == text(folder)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("swap", "--turn", "4 May", *SWAP[3:]), "'4 May' is no date; expected one such as 2026-12-21"),
        (("swap", "--turn", "2500-05-04", *SWAP[3:]), "is out of range; expected a year from 1970 to 2199"),
        ((*SWAP, "--from", "2026-05-05T09:00"), "expected --from and --to together"),
        ((*SWAP, "--from", "2026-05-05", "--to", "x"), "'2026-05-05' is no wall time; expected one such as"),
        ((*SWAP, "--from", "2026-05-06T09:00", "--to", "2026-05-05T09:00"), "expected a later one"),
        (
            ("override", "--from", "2026-05-05T09:00", "--to", "2026-05-06T09:00", "--because", "x"),
            "nobody is named",
        ),
        (
            ("away", "--who", "bob", "--from", "2026-05-06", "--to", "2026-05-05"),
            "expected the same day or a later",
        ),
        (
            ("away", "--who", "bob", "--from", "2026-05-06", "--to", "2026-05-06", "--to-hour", "25:00"),
            "'25:00' is no time of day; expected one such as 13:00",
        ),
    ],
)
def test_bad_input_is_one_clear_error(tmp_path: Path, arguments: tuple[str, ...], expected: str) -> None:
    folder = handbook(tmp_path / "book")
    result = oncall(folder, *arguments)
    assert (2, "", TEAM) == (result.exit_code, result.stdout, text(folder))
    assert expected in result.stderr.splitlines()[-1]


def test_nobody_is_advised_to_give_a_turn_to_somebody_unknown(tmp_path: Path) -> None:
    lines = refused(oncall(handbook(tmp_path / "book"), *SWAP[:5], "--take", "alise", *SWAP[7:]))
    assert "did you mean alice?" in lines[0]
    assert {
        "  alice (Alice Johnson) could: --take alice",
        "  david (David [Dave] Brown) could: --take david",
    } == set(lines[1:])


def test_a_published_shift_is_changed_by_what_was_requested_since_and_by_nothing_else(tmp_path: Path) -> None:
    folder = handbook(tmp_path / "book")
    (folder / "published").mkdir()
    (folder / "published" / "2026Q2.yaml").write_text(
        "quarter: 2026Q2\npublished: 2026-03-01T12:00:00Z\nshifts:\n"
        "- {start: 2026-05-04T13:00:00Z, end: 2026-05-11T13:00:00Z, primary: bob, secondary: carol}\n"
    )
    before = refused(oncall(folder, *SWAP[:-1], "2026-02-20"))
    assert "it would change nobody's shifts" in before[0]
    assert 0 == oncall(folder, *SWAP).exit_code
    assert ("alice", "carol") == serve(folder, "2026-05-05T12:00")


OVERRIDE = ("override", "--from", "2026-05-05T09:00", "--to", "2026-05-05T17:00", "--because", "workshop")


def test_an_override_puts_somebody_on_call_by_name(tmp_path: Path) -> None:
    folder = handbook(tmp_path / "book")
    result = oncall(folder, *OVERRIDE, "--primary", "david", "--secondary", "alice", "--requested", "2026-05-04")
    assert [["Tue 2026-05-05 09:00", "Tue 2026-05-05 17:00", "bob / carol", "david / alice"]] == cells(
        result.stdout
    )
    assert ("david", "alice") == serve(folder, "2026-05-05T16:59")
    assert ("bob", "carol") == serve(folder, "2026-05-05T17:00")


def test_an_override_on_somebody_away_is_refused_unless_forced(tmp_path: Path) -> None:
    folder = handbook(tmp_path / "book", GONE)
    lines = refused(oncall(folder, *OVERRIDE, "--primary", "david"))
    assert "refused: changes[0].primary: david is away: vacation" in lines[0]
    assert [
        "  alice (Alice Johnson) could: --primary alice",
        "  or the same again with --force, if they agreed to it",
    ] == lines[1:]
    assert TEAM + GONE == text(folder)
    assert 0 == oncall(folder, *OVERRIDE, "--primary", "david", "--force").exit_code
    assert "force: true}" in text(folder)
    assert ("david", "carol") == serve(folder, "2026-05-05T12:00")


def test_a_change_that_changes_nobodys_shift_is_not_taken_down(tmp_path: Path) -> None:
    folder = handbook(tmp_path / "book")
    assert "it would change nobody's shifts" in refused(oncall(folder, *OVERRIDE, "--primary", "bob"))[0]
    assert TEAM == text(folder)


def test_a_handbook_that_is_broken_already_is_not_touched(tmp_path: Path) -> None:
    folder = handbook(tmp_path / "book", "colour: blue\n")
    result = oncall(folder, *SWAP)
    assert (1, "", f"{TEAM}colour: blue\n") == (result.exit_code, result.stdout, text(folder))
    assert result.stderr.splitlines()[0].startswith(f"{folder}/team.yaml:{TEAM.count(chr(10)) + 1}:1: colour: ")


def test_a_layout_that_takes_no_line_is_left_with_the_line_to_add(tmp_path: Path) -> None:
    more = "away: &none []\nchanges: *none\n"
    folder = handbook(tmp_path / "book", more)
    lines = refused(oncall(folder, *SWAP))
    assert f"no line can be added under `changes:` safely as it is laid out; add by hand: - {LINE}" in lines[0]
    assert TEAM + more == text(folder)
