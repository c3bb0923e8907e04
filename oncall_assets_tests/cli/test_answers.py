"""`oncall ack`, `resolve` and `note --incident`: who says it, and what cannot be said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oncall_assets_tests.cli.company import oncall
from oncall_assets_tests.cli.night import HOUR, listed, night, now


def on_call(book: Path) -> tuple[str, str]:
    """Key and name of the primary."""
    who = json.loads(oncall(book, "who", "--json").stdout)["primary"]
    return who, {"alice": "Alice Johnson", "bob": "Bob Smith", "carol": "Carol White"}.get(
        who, "David [Dave] Brown"
    )


def test_an_incident_is_acknowledged_as_whoever_is_on_call(book: Path) -> None:
    who, name = on_call(book)
    with night() as tonight:
        tonight.opens("orders", now() - HOUR)
    text = oncall(book, "ack", "1").stdout
    assert text.startswith(f"#1 acknowledged as {name} ({who}); {who} has it, to resolve by ")
    assert who == listed(book)[0]["acknowledged_by"]


def test_whoever_says_who_they_are_speaks_for_themselves(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with night() as tonight:
        tonight.opens("orders", now() - HOUR)
        tonight.opens("usage", now() - HOUR)
    monkeypatch.setenv("ONCALL_ME", "carol")
    assert oncall(book, "ack", "1", "--note", "  looking at it ").stdout.startswith(
        "#1 acknowledged as Carol White"
    )
    assert oncall(book, "ack", "2", "--by", "bob").stdout.startswith("#2 acknowledged as Bob Smith (bob)")
    assert ["carol", "bob"] == [one["acknowledged_by"] for one in listed(book)]
    (comment,) = [event for event in listed(book)[0]["story"] if event["what"] == "comment"]
    assert ("carol", "looking at it") == (comment["who"], comment["text"])


def test_an_incident_is_resolved_with_its_reason(book: Path) -> None:
    with night() as tonight:
        tonight.opens("orders", now() - HOUR)
    result = oncall(book, "resolve", "1", "--by", "bob", "--because", "landed again")
    assert "#1 resolved as Bob Smith (bob).\n" == result.stdout
    assert "Nothing is open.\n" == oncall(book, "incidents").stdout
    (over,) = [event for event in listed(book, "--all")[0]["story"] if event["what"] == "resolved"]
    assert ("bob", "landed again") == (over["who"], over["text"])


def test_a_note_of_an_incident_stands_in_its_story(book: Path) -> None:
    with night() as tonight:
        tonight.opens("orders", now() - HOUR)
    result = oncall(book, "note", "ask the vendor", "--incident", "1", "--by", "carol")
    assert "Kept in the story of #1, from Carol White (carol).\n" == result.stdout
    assert ("comment", "carol", "ask the vendor") == tuple(
        listed(book)[0]["story"][-1][field] for field in ("what", "who", "text")
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("ack", "7"),
        ("resolve", "7", "--because", "x"),
        ("note", "x", "--incident", "7"),
        ("incidents", "7"),
        ("unsilence", "7"),
    ],
)
def test_what_the_ledger_cannot_do_is_one_line(book: Path, arguments: tuple[str, ...]) -> None:
    result = oncall(book, *arguments)
    assert (1, "") == (result.exit_code, result.stdout)
    (line,) = result.stderr.splitlines()
    assert "7" in line


def test_who_comes_second_is_told_who_has_it(book: Path) -> None:
    with night() as tonight:
        tonight.ledger.acknowledge(tonight.opens("orders", now() - HOUR), "carol", now())
    result = oncall(book, "ack", "1", "--by", "bob", "--note", "mine")
    assert 1 == result.exit_code
    assert "was acknowledged by carol" in result.stderr
    assert ["opened", "acknowledged"] == [event["what"] for event in listed(book)[0]["story"]]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("ack", "1", "--by", "carrol"), "'--by': 'carrol' is no engineer; expected one of alice, bob, carol"),
        (("ack", "1", "--by", "carrol"), "did you mean carol?"),
        (("ack", "0"), "0 is not in the range x>=1"),
        (("ack", "1", "--note", " "), "'--note': 0 characters; expected 1 to 2,000"),
        (("resolve", "1", "--because", " "), "'--because': 0 characters; expected 1 to 2,000"),
        (("resolve", "1"), "Missing option '--because'"),
        (("note", " ", "--incident", "1"), "'TEXT': 0 characters; expected 1 to 2,000"),
        (("incidents", "1", "--all"), "expected one of NUMBER, --all and --since, or nothing for what is open"),
        (("incidents", "--since", "monday"), "'monday' is no date"),
    ],
)
def test_what_cannot_be_meant_is_refused(book: Path, arguments: tuple[str, ...], expected: str) -> None:
    with night() as tonight:
        tonight.opens("orders", now() - HOUR)
    result = oncall(book, *arguments)
    assert (2, "") == (result.exit_code, result.stdout)
    assert expected in result.stderr
    assert ["opened"] == [event["what"] for event in listed(book)[0]["story"]]


def test_an_unknown_engineer_in_the_environment_is_named_as_such(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONCALL_ME", "carrol")
    result = oncall(book, "ack", "1")
    assert 2 == result.exit_code
    assert "Invalid value for ONCALL_ME: 'carrol' is no engineer" in result.stderr
