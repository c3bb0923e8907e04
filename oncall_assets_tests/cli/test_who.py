"""Who is on call, until when, why, and whose pipeline it is: at once, as it is asked for at night."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from oncall_assets_tests.cli.company import handbook, oncall

# What `who` has no use for; any of them would make whoever asks wait.
SLOW = (
    "dagster",
    "duckdb",
    "pandas",
    "pyarrow",
    "sqlalchemy",
    "deltalake",
    "ortools",
    "matplotlib",
    "slack_sdk",
    "ibis",
    "rich",
)

CHANGES = """\
changes:
    - {kind: swap, turn: 2026-05-04, give: bob, take: alice, requested: 2026-04-20, because: concert}
    - {kind: override, from: "2026-05-05T09:00", to: "2026-05-06T09:00", primary: david, requested: 2026-05-01}
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return handbook(tmp_path / "book", CHANGES)


def test_who_is_on_call_until_when_and_the_last_reason(book: Path) -> None:
    lines = oncall(book, "who", "--at", "2026-05-05T10:00").stdout.splitlines()
    assert [
        "primary    David [Dave] Brown <david@example.com>",
        "secondary  Carol White <carol@example.com>",
        "until      Wed 2026-05-06 09:00 America/New_York",
        "because    override of 2026-05-01: david as primary",
    ] == lines


def test_explain_tells_what_every_layer_did_from_the_lowest_up(book: Path) -> None:
    lines = oncall(book, "who", "--at", "2026-05-05T10:00", "--explain").stdout.splitlines()
    because = [line.removeprefix("because    ") for line in lines if line.startswith("because")]
    assert ["base", "swap", "override"] == [line.split(":")[0] for line in because]
    assert "swap: swap of 2026-04-20: alice takes the role of bob: concert" == because[1]


def test_a_pipeline_names_its_owners_and_whether_they_are_on_duty(book: Path) -> None:
    lines = oncall(book, "who", "--at", "2026-05-04T10:00", "--pipeline", "profit").stdout.splitlines()
    assert [
        "pipeline   profit, promised to finance@example.com",
        "owner      Alice Johnson <alice@example.com>, on duty as primary",
        "owner      Bob Smith <bob@example.com>, not on duty",
        "owner      Carol White <carol@example.com>, on duty as secondary",
    ] == lines[3:7]


def test_programs_get_keys_instants_and_layers(book: Path) -> None:
    found = json.loads(oncall(book, "who", "--at", "2026-05-04T09:00", "--pipeline", "profit", "--json").stdout)
    assert ("alice", "carol") == (found["primary"], found["secondary"])
    assert ("2026-05-04T13:00:00+00:00",) * 2 == (found["at"], found["start"])
    assert ["base", "swap"] == [reason["layer"] for reason in found["reasons"]]
    assert {"who": "alice", "on_duty": "primary"} == found["pipeline"]["primary"]
    assert [None, "secondary"] == [owner["on_duty"] for owner in found["pipeline"]["secondary"]]


@pytest.mark.parametrize(
    ("at", "instant"),
    [
        ("2026-05-05", "2026-05-05T04:00:00+00:00"),
        ("2026-05-05T10:00", "2026-05-05T14:00:00+00:00"),
        ("2026-05-05T10:00Z", "2026-05-05T10:00:00+00:00"),
        ("2026-05-05T10:00+05:30", "2026-05-05T04:30:00+00:00"),
        # The hour is missing in New York: the first instant after it, and the first of an hour that comes twice.
        ("2026-03-08T02:30", "2026-03-08T07:00:00+00:00"),
        ("2026-11-01T01:30", "2026-11-01T05:30:00+00:00"),
    ],
)
def test_an_instant_is_a_wall_time_of_the_team_unless_it_has_its_own_zone(
    book: Path, at: str, instant: str
) -> None:
    assert instant == json.loads(oncall(book, "who", "--at", at, "--json").stdout)["at"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--at", "noonish"), "'noonish' is no instant; expected one such as 2026-12-25T03:00"),
        (("--at", "2026-02-30"), "'2026-02-30' is no instant"),
        (("--at", "0001-01-01"), "'0001-01-01' is out of range; expected a year from 1970 to 2199"),
        (("--at", "9999-12-31T23:59"), "is out of range"),
        (("--pipeline", "proft"), "'proft' is no pipeline; expected profit"),
    ],
)
def test_bad_input_is_one_clear_error(book: Path, arguments: tuple[str, ...], expected: str) -> None:
    result = oncall(book, "who", *arguments)
    assert (2, "") == (result.exit_code, result.stdout)
    assert expected in result.stderr.splitlines()[-1]


def test_a_name_cannot_move_the_cursor_of_whoever_asks(tmp_path: Path) -> None:
    folder = handbook(tmp_path / "book")
    team = folder / "team.yaml"
    team.write_text(team.read_text().replace("Alice Johnson", '"Alice\\e[2J\\u202e Johnson"'))
    lines = oncall(folder, "who", "--at", "2026-01-05T10:00").stdout.splitlines()
    assert "primary    Alice [2J  Johnson <alice@example.com>" == lines[0]


def test_who_imports_nothing_that_takes_long(book: Path) -> None:
    code = (
        "import sys; from oncall_assets.cli import main; "
        f"main(['--handbook', {str(book)!r}, 'who', '--explain', '--pipeline', 'profit'], standalone_mode=False); "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [] == [name for name in done.stdout.splitlines()[-1].split() if name.startswith(SLOW)]
