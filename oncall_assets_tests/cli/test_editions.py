"""`oncall editions` and `release`: how reports stand, and who lets one go that is held."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from oncall_assets.cli import main
from oncall_assets.handbook.home import ledger_url
from oncall_assets.incidents.ledger.database import Database
from oncall_assets.incidents.ledger.edition_delays import write_told
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.metrics.days import Days
from oncall_assets.reports.edition import Edition
from oncall_assets_tests.cli import reporting
from oncall_assets_tests.cli.company import oncall
from oncall_assets_tests.cli.night import HOUR, now
from oncall_assets_tests.cli.reporting import BOARD, CEO, FINANCE, content, figure, sends
from oncall_assets_tests.cli.test_who import SLOW

# The last day's report that is due by any hour, and one far back.
DAY = Days.one(now().date() - timedelta(days=3))
OLD = Days.parse("2026-10-06")
EDITION = ("--edition", "profit_daily", "--period", str(DAY))
BECAUSE = ("--because", "the board meets now", "--by", "bob")
REASON = "revenue_complete failed. See step 2."


@pytest.fixture(autouse=True)
def reports(book: Path) -> None:
    reporting.handbook(book)


@pytest.fixture
def sent(reports: None) -> Iterator[EditionBook]:  # noqa: ARG001 - whose ledger it is
    with Database(ledger_url()) as database:
        yield EditionBook(database)


def rows(result: Result) -> list[list[str]]:
    """The cells of a table's rows."""
    assert (0, "") == (result.exit_code, result.stderr), result.output
    lines = [line.split("  ") for line in result.stdout.splitlines() if " 2026-" in line or "…" in line]
    return [[cell.strip() for cell in line if cell.strip()] for line in lines]


def answered(book: Path, answer: str, *arguments: str) -> Result:
    whole = ["--handbook", str(book), *arguments]
    return CliRunner().invoke(main, whole, input=f"{answer}\n", catch_exceptions=False)


def refusal(result: Result, code: int = 1) -> str:
    assert code == result.exit_code, result.output
    return result.stderr


def profit(days: Days = DAY, cents: int = 123_456_78) -> Edition:
    at = datetime.combine(days.last, datetime.min.time(), UTC) + timedelta(days=1, hours=11)
    return content("profit_daily", days, [figure("profit_cents", cents)], at)


def test_every_report_shows_what_was_due_last_and_what_is_due_next(book: Path) -> None:
    found = rows(oncall(book, "editions"))
    assert [
        "profit_daily",
        "profit_daily",
        "profit_monthly",
        "profit_monthly",
        "profit_usage",
        "profit_usage",
    ] == [row[0] for row in found]
    for last, coming in (found[:2], found[2:4], found[4:]):
        assert last[3].startswith("not sent, was due ")
        assert last[3].endswith(" ago")
        assert coming[3].startswith("due in ")
        assert coming[3].endswith((" business days left", " 1 business day left"))


def test_days_left_are_business_days(book: Path) -> None:
    (_, (_, _, due, state)) = rows(oncall(book, "editions", "profit_monthly"))
    on = datetime.fromisoformat(due.partition(" ")[2]).date()
    today = datetime.now(UTC).astimezone().date()
    between = [today + timedelta(days=number) for number in range((on - today).days)]
    assert f"{sum(day.weekday() < 5 for day in between)} business day" in state


def test_an_edition_says_to_how_many_it_went_and_when(book: Path, sent: EditionBook) -> None:
    edition = profit()
    sends(sent, edition, edition.due, refused=[BOARD])
    found = {row[1]: row[3] for row in rows(oncall(book, "editions", "profit_daily", "--all"))}
    assert found[str(DAY)].startswith("sent to 2 of 3 at ")
    assert found[str(DAY)].endswith(f"; refused for {BOARD}: no such mailbox")


def test_old_editions_are_listed_only_when_all_are_asked_for(book: Path, sent: EditionBook) -> None:
    sends(sent, profit(OLD), profit(OLD).due)
    assert str(OLD) not in {row[1] for row in rows(oncall(book, "editions"))}
    assert str(OLD) in {row[1] for row in rows(oncall(book, "editions", "--all"))}


def test_a_held_edition_names_what_holds_it_and_what_those_who_wait_were_told(
    book: Path, sent: EditionBook
) -> None:
    sent.hold("profit_daily", str(OLD), [REASON, "Another reason."], now(), now())
    expected = datetime(2026, 10, 7, 14, 30, tzinfo=UTC)
    with Database(ledger_url()) as ledger, ledger.transaction() as connection:
        write_told(connection, "profit_daily", str(OLD), expected, now())
    (state,) = [row[3] for row in rows(oncall(book, "editions", "profit")) if row[1] == str(OLD)]
    assert state.startswith("held since ")
    assert f": {REASON} Another reason.; those who wait expect it at Wed 2026-10-07 10:30; not sent" in state


def test_what_held_an_edition_once_is_told_no_more(book: Path, sent: EditionBook) -> None:
    (report, period, *_), _ = rows(oncall(book, "editions", "profit_daily"))
    sent.hold(report, period, [REASON], now(), now())
    assert REASON in oncall(book, "editions", "profit_daily").stdout
    sent.over(report, period, now())
    assert "held" not in oncall(book, "editions", "profit_daily").stdout


def test_an_edition_in_doubt_is_listed_however_old(book: Path, sent: EditionBook) -> None:
    sends(sent, profit(OLD), profit(OLD).due, doubtful=[FINANCE, CEO])
    (state,) = [row[3] for row in rows(oncall(book, "editions")) if row[1] == str(OLD)]
    assert "sent to 1 of 3; 2 in doubt, to settle with `oncall settle`" == state


def test_an_edition_on_its_way_says_what_keeps_it(book: Path, sent: EditionBook) -> None:
    begun = reporting.begins(sent, profit(), now())
    assert sent.claim_copy(begun.copies[0].id, now(), now() + HOUR)
    sent.copy_waits(begun.copies[0].id, "the mail server is away", now())
    sent.finish(begun.id, now())
    sent.hold("profit_daily", str(DAY), [REASON], now(), now())
    (state,) = [row[3] for row in rows(oncall(book, "editions")) if row[1] == str(DAY)]
    assert "sending, sent to 0 of 3: the mail server is away" == state


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ("editions", "profit_dayly"),
            "'profit_dayly' is no report; expected one of profit_daily, profit_monthly",
        ),
        (("settle", "--edition", "profit", "--period", "x"), "profit has 3 reports; expected one of profit_daily"),
        (
            ("settle", "--edition", "profit_daily", "--period", "2026-10"),
            "'2026-10' is no day, which profit_daily is of; expected one such as 2026-10-06",
        ),
        (("settle", "--edition", "profit_daily", "--period", "2026-10-32"), "'2026-10-32' is no day"),
        (("settle", "--edition", "profit_usage", "--period", "2026-W54"), "'2026-W54' is no week"),
        (
            ("settle", "--edition", "profit_usage", "--period", "2026-09-29…2026-10-05"),
            "is no week, which profit_usage is of; expected one such as 2026-W40 or 2026-09-28…2026-10-04",
        ),
        (("settle", "--edition", "profit_monthly", "--period", "2026-13"), "'2026-13' is no month"),
        (("settle", "--edition", "profit_monthly", "--period", "9999-12"), "'9999-12' is no month"),
        (("settle", "--edition", "profit_daily", "--period", "9999-12-31"), "'9999-12-31' is no day"),
        (("settle", "--edition", "profit_usage", "--period", "2026-10-05…9999-12-31"), "is no week"),
        (("release", *EDITION, "--because", " ", "--by", "bob"), "'--because': 0 characters; expected 1 to 2,000"),
        (("release", *EDITION, "--because", "x", "--by", "bobb"), "'bobb' is no engineer"),
    ],
)
def test_what_cannot_be_meant_is_refused(book: Path, arguments: tuple[str, ...], expected: str) -> None:
    assert expected in refusal(oncall(book, *arguments), 2)


@pytest.mark.parametrize(
    ("report", "period", "days"),
    [
        ("profit_daily", "2026-10-06", "2026-10-06"),
        ("profit_usage", "2026-W40", "2026-09-28…2026-10-04"),
        ("profit_usage", "2026-09-28..2026-10-04", "2026-09-28…2026-10-04"),
        ("aggregate_engagement", "2026-09-28…2026-10-04", "2026-09-28…2026-10-04"),
        ("profit_monthly", "2026-02", "2026-02-01…2026-02-28"),
        ("profit_monthly", "2026-12-01...2026-12-31", "2026-12-01…2026-12-31"),
    ],
)
def test_a_period_is_written_as_people_write_it(book: Path, report: str, period: str, days: str) -> None:
    said = refusal(oncall(book, "settle", "--edition", report, "--period", period, "--by", "bob"))
    assert said.endswith(f"for {days} is in doubt\n")


def test_an_owner_releases_what_is_held_after_seeing_what_holds_it(book: Path, sent: EditionBook) -> None:
    sent.hold("profit_daily", str(DAY), [REASON], now() - HOUR, now())
    result = answered(book, "y", "release", *EDITION, *BECAUSE)
    assert 0 == result.exit_code, result.output
    assert f"profit_daily for {DAY} is due at " in result.stdout
    assert f"\n- {REASON}\n" in result.stdout
    assert f"profit_daily for {DAY} released as Bob Smith (bob); it is sent within a minute." in result.stdout
    release = sent.released("profit_daily", str(DAY))
    assert release is not None
    assert ("bob", "the board meets now", (REASON,)) == (release.by, release.because, release.reasons)
    (state,) = [row[3] for row in rows(oncall(book, "editions")) if row[1] == str(DAY)]
    assert state.startswith("released by bob because the board meets now; not sent, ")


def test_nothing_is_released_without_a_yes(book: Path, sent: EditionBook) -> None:
    sent.hold("profit_daily", str(DAY), [REASON], now() + HOUR, now())
    result = answered(book, "n", "release", *EDITION, *BECAUSE)
    assert 1 == result.exit_code
    assert REASON in result.stdout
    assert sent.released("profit_daily", str(DAY)) is None
    told = oncall(book, "release", *EDITION, *BECAUSE, "--yes").stdout.splitlines()[-1]
    assert told.endswith("it is sent when it is due.")


def test_only_an_owner_releases(book: Path, sent: EditionBook) -> None:
    sent.hold("profit_daily", str(DAY), [REASON], now(), now())
    arguments = ("release", *EDITION, "--because", "x", "--yes", "--by", "david")
    said = refusal(oncall(book, *arguments))
    owners = "Alice Johnson (alice) or Bob Smith (bob) or Carol White (carol)"
    assert f"David [Dave] Brown (david) does not own profit; only {owners} may release profit_daily\n" == said
    assert sent.released("profit_daily", str(DAY)) is None


def test_what_is_not_held_is_not_released(book: Path, sent: EditionBook) -> None:
    arguments = ("release", *EDITION, *BECAUSE, "--yes")
    assert f"profit_daily for {DAY} is not held" in refusal(oncall(book, *arguments))
    sent.hold("profit_daily", str(DAY), [REASON], now(), now())
    sent.over("profit_daily", str(DAY), now())
    assert f"profit_daily for {DAY} is not held" in refusal(oncall(book, *arguments))


def test_what_is_released_or_sent_is_not_released_again(book: Path, sent: EditionBook) -> None:
    arguments = ("release", *EDITION, *BECAUSE, "--yes")
    sent.hold("profit_daily", str(DAY), [REASON], now(), now())
    assert 0 == oncall(book, *arguments).exit_code
    assert "was released by bob at " in refusal(oncall(book, *arguments))
    begun = reporting.begins(sent, profit(OLD), now())
    sent.hold("profit_daily", str(OLD), [REASON], now(), now())
    late = ("release", "--edition", "profit_daily", "--period", str(OLD), *BECAUSE, "--yes")
    assert f"profit_daily for {OLD} is on its way already" in refusal(oncall(book, *late))
    for copy in begun.copies:
        assert sent.claim_copy(copy.id, now(), now())
        sent.copy_sent(copy.id, now())
    sent.finish(begun.id, now())
    assert f"profit_daily for {OLD} was sent at " in refusal(oncall(book, *late))


def test_a_team_without_reports_is_told_so(book: Path) -> None:
    text = (book / "profit.md").read_text()
    (book / "profit.md").write_text(text.partition("reports:")[0] + "---\n" + text.rpartition("---\n")[2])
    assert "No report is planned; a runbook plans them under `reports:`.\n" == oncall(book, "editions").stdout


def test_how_reports_stand_imports_no_dagster(book: Path) -> None:
    code = (
        "import sys; from oncall_assets.cli import main; "
        f"main({['--handbook', str(book), 'editions']!r}, standalone_mode=False); "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    slow = {name for name in SLOW if name not in {"sqlalchemy", "rich"}}
    assert [] == [name for name in done.stdout.splitlines()[-1].split() if name.startswith(tuple(slow))]
