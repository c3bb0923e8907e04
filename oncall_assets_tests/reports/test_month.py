"""A month of reports as investors get them: each once, late with a word, and corrected with another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pyarrow as pa
import pytest

from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.metrics.days import Days
from oncall_assets_tests.reports.month import FIRST, LAST, Month, at, month_of
from oncall_assets_tests.smtp_server import SmtpServer, smtp_server

INVESTORS = "investor-relations@example.com"
WAITING = {"finance@example.com", "growth@example.com", "product@example.com"}
# A day whose revenue is exported twice, mended an hour after its report was due.
TWICE = date(2026, 10, 14)
# A day to which a ledger line is added twelve days later.
RESTATED, FOUND, SUNDAY = date(2026, 10, 8), date(2026, 10, 20), date(2026, 10, 18)
PRESENTATION = date(2026, 11, 10)
ONE_DAY = timedelta(days=1)
MONDAY = 0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SmtpServer]:
    with smtp_server(tmp_path, "none") as running:
        yield running


def twice(rows: pa.Table) -> pa.Table:
    return pa.concat_tables([rows, rows.slice(0, 2)])


def one_more(rows: pa.Table) -> pa.Table:
    line = rows.slice(0, 1)
    named = line.set_column(line.column_names.index("record_id"), "record_id", pa.array(["late-line"]))
    return pa.concat_tables([rows, named.cast(rows.schema)])


def subjects(server: SmtpServer, to: str) -> list[str]:
    return [str(one.mail["Subject"]) for one in server.received if to in one.recipients]


@pytest.mark.long
def test_a_month_of_reports_arrives_exactly_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: SmtpServer
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("ONCALL_HOME", str(home))
    for variable in ("ONCALL_DATABASE_URL", "REPORTING_DATABASE_URL", "ONCALL_SMTP_USER", "ONCALL_SMTP_PASSWORD"):
        monkeypatch.delenv(variable, raising=False)
    home.mkdir()
    with month_of(home, server.port, PRESENTATION) as month:
        for day in Days(FIRST, LAST).each:
            _day(month, day)
        _board_report(month)
        record = _of_the_held_day(month)
        incidents = {one.title: one.resolved_at for one in month.ledger.incidents(None, open_only=False)}

    days = (LAST - FIRST).days + 1
    arrived = Counter(subject.split(" for ")[0] for subject in subjects(server, INVESTORS))
    assert {
        "Aggregate profit": days,
        "Aggregate growth": 4,
        "Aggregate engagement": 1,
        "Investor report": 1,
    } == arrived
    # Every one of another edition, and nothing twice.
    identities = [str(one.mail["Message-ID"]) for one in server.received]
    assert len(identities) == len(set(identities))
    assert days + 6 == len(set(subjects(server, INVESTORS)))

    for who in WAITING:
        told = [subject for subject in subjects(server, who) if str(TWICE) in subject]
        assert [f"Aggregate profit for {TWICE} will be late", f"Aggregate profit for {TWICE} is there now"] == told
    assert record is not None
    assert at(TWICE + ONE_DAY, 6, 55) <= record

    assert {
        "revenue_records_unique failed on revenue_records",
        f"Aggregate profit for {RESTATED} was sent with figures that have changed",
    } == incidents.keys()
    assert None not in incidents.values()
    # The first report after the change says so, and no other does.
    lists = [
        str(one.mail["Subject"])
        for one in server.received
        if INVESTORS in one.recipients and "revenue_records 2026-10-08 landed again" in _text(one.mail)
    ]
    assert ["Aggregate profit for Tuesday, October 20, 2026"] == lists


def _day(month: Month, day: date) -> None:
    """The night after the day, its reports, and whatever happens on the day after."""
    after = day + ONE_DAY
    if day == TWICE:
        month.change("revenue_records", day, twice)
    month.night(day)
    month.late_events(day)
    if day == TWICE:
        _held(month, day)
    else:
        month.look(at(after, 6))
    if after.weekday() == MONDAY:
        month.look(at(after, 7))
    if after.day == 1:
        month.look(at(after, 8))
    if after == FOUND:
        _restated(month)


def _held(month: Month, day: date) -> None:
    after = day + ONE_DAY
    for hour, minute in ((5, 0), (5, 30), (6, 0)):
        assert () == month.look(at(after, hour, minute))
        month.tick(at(after, hour, minute + 1))
    month.change("revenue_records", day, lambda rows: rows.slice(0, len(rows) - 2))
    month.night(day, at(after, 6, 40))
    month.tick(at(after, 6, 50))
    assert (f"editions/aggregate_profit_daily {day}",) == month.look(at(after, 6, 55))
    month.look(at(after, 6, 56))
    month.tick(at(after, 6, 57))


def _restated(month: Month) -> None:
    noon = at(FOUND, 12)
    month.change("revenue_records", RESTATED, one_more)
    month.file_again(RESTATED)
    profit, report = ((table, f"reporting/{table}") for table in ("aggregate_profit", "investor_report"))
    sources = ("control_totals", "revenue_records", "profit")
    month.compute((*sources, *profit, *report), Days.one(RESTATED), noon)
    # The weeks and months to date that it is in; the report of all three is there up to Sunday.
    month.compute(profit, Days(RESTATED + ONE_DAY, FOUND - ONE_DAY), noon + timedelta(minutes=3))
    month.compute(report, Days(RESTATED + ONE_DAY, SUNDAY), noon + timedelta(minutes=6))
    month.look(noon + timedelta(minutes=10))
    month.tick(noon + timedelta(minutes=11))


def _board_report(month: Month) -> None:
    """Two business days before the presentation, and not once more."""
    on = date(2026, 11, 6)
    assert () == month.look(at(on, 16, 59))
    assert ("editions/investor_report_monthly 2026-10-01",) == month.look(at(on, 17))
    for hour in (18, 19):
        assert () == month.look(at(on, hour))
    month.tick(at(on, 20))


def _of_the_held_day(month: Month) -> datetime | None:
    record = EditionBook(month.ledger).edition("aggregate_profit_daily", str(TWICE))
    return record.sent_at if record else None


def _text(mail: EmailMessage) -> str:
    plain = mail.get_body(("plain",))
    return " ".join(str(plain.get_content()).split()) if plain else ""
