"""What becomes of the copies of an edition: nobody gets two, none is passed over, and doubts are asked about."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from oncall_assets.incidents.ledger.edition_records import NewCopy, NewEdition, Won
from oncall_assets.metrics.days import Days
from oncall_assets.reports.edition import Edition, Value
from oncall_assets_tests.reports.outgoing import (
    BOTH,
    CENTS,
    DAY,
    DUE,
    LONG_AFTER,
    Company,
    addressed,
    failure,
    ledger,
    metadata,
    recorded,
    team_of,
)
from oncall_assets_tests.smtp_server import SmtpServer


def begun(run_id: str, until: datetime, content: str | None = None) -> Won:
    """As another run left it: one copy to `ir@example.com`, waiting."""
    copy = NewCopy("audience.investors.ir@example.com", "ir@example.com", "<1@example.com>")
    new = NewEdition("profit_daily", str(DAY), DUE, content or "{}", DUE, (copy,))
    with ledger() as book:
        claimed = book.begin(new, run_id, DUE, until)
    assert isinstance(claimed, Won)
    return claimed


def test_what_another_run_is_sending_is_left_to_it(company: Company, server: SmtpServer) -> None:
    begun("other", DUE + timedelta(minutes=5))
    assert "is being sent by run other" in failure(company.run())
    assert [] == server.received


def test_what_a_run_that_died_left_goes_on_in_its_own_words(company: Company, server: SmtpServer) -> None:
    company.run()
    first = recorded()
    assert first is not None
    server.received.clear()
    with ledger() as book, book._database.transaction() as connection:  # as if nothing had been sent
        for table in ("edition_copies", "editions"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    old = Edition.model_validate_json(first.content).model_copy(update={"title": "As first written"})
    begun("dead", DUE + timedelta(minutes=5), old.model_dump_json())
    told = metadata(company.run(LONG_AFTER))
    assert ("sent", "1 sent") == (told["state"], told["copies"])
    (mail,) = server.received
    assert ("<1@example.com>", True) == (mail.mail["Message-ID"], "As first written" in mail.mail["Subject"])
    assert "As first written" in next(Path(told["archive"]).glob("*.json")).read_text()


def test_without_an_e_mail_channel_it_is_kept_only_and_that_is_said(
    company: Company, server: SmtpServer, tmp_path: Path
) -> None:
    company.handbook = team_of(tmp_path / "book")
    told = metadata(company.run())
    assert "2 refused (team.yaml names no `email`" in told["copies"]
    assert list(Path(told["archive"]).glob("*.html"))
    record = recorded()
    assert record is not None
    # Nobody asks for it again.
    assert "sent" == record.state
    assert company.run(LONG_AFTER).success
    assert [] == server.received


def test_a_secret_that_is_missing_is_named_and_nothing_is_begun(
    company: Company, server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONCALL_SMTP_USER", "reports")
    assert "ONCALL_SMTP_PASSWORD is not set" in failure(company.run())
    assert ([], None) == (server.received, recorded())


def test_copies_that_the_server_put_off_wait_for_the_next_run(company: Company, server: SmtpServer) -> None:
    server.answers["RCPT"] = "451 try later"
    result = company.run()
    assert "2 of 2 copies of profit_daily for 2026-01-06 wait to be sent" in failure(result)
    assert [] == result.get_asset_materialization_events()
    server.answers.clear()
    assert "2 sent" == metadata(company.run(DUE + timedelta(minutes=5)))["copies"]
    assert BOTH == addressed(server)


def test_a_copy_in_doubt_is_asked_about_and_never_repeated(company: Company, server: SmtpServer) -> None:
    server.answers["BODY"] = "cut"
    result = company.run()
    record = recorded()
    assert record is not None
    (doubtful,) = [copy for copy in record.copies if copy.state == "doubtful"]
    assert doubtful.message_id in failure(result)
    assert "oncall settle" in failure(result)
    server.answers.clear()
    company.run(DUE + timedelta(minutes=10))
    assert BOTH == addressed(server)
    last = recorded()
    assert last is not None
    assert ("doubtful", {"sent", "doubtful"}) == (last.state, {copy.state for copy in last.copies})
    # Somebody else's doubt fails no other run.
    again = company.run(DUE + timedelta(minutes=20))
    assert (True, "doubtful") == (again.success, metadata(again)["state"])
    assert 2 == len(server.received)


def test_a_restatement_is_listed_once(company: Company) -> None:
    company.run()
    first = recorded()
    assert first is not None
    old, new = (Value(amount=amount).model_dump_json() for amount in (CENTS, 5))
    with ledger() as book:
        book.restate(first.id, "profit_cents", old, new, "a late invoice", DUE)
    next_day = timedelta(days=1)
    for number in (1, 2):
        day = Days.one(DAY.first + number * next_day)
        company.compute(day)
        assert company.run(DUE + number * next_day, str(day)).success
    listed = [recorded(period=f"2026-01-0{number}") for number in (7, 8)]
    contents = [Edition.model_validate_json(record.content) for record in listed if record is not None]
    assert [("a late invoice",), ()] == [tuple(one.cause for one in edition.restatements) for edition in contents]
    with ledger() as book:
        (over,) = book.restatements(open_only=False)
    assert listed[0] is not None
    assert listed[0].id == over.listed_in


def test_what_cannot_be_kept_is_not_sent(company: Company, server: SmtpServer) -> None:
    Path(os.environ["ONCALL_HOME"], "editions").write_text("in the way")
    assert "cannot be kept" in failure(company.run())
    assert [] == server.received
    Path(os.environ["ONCALL_HOME"], "editions").unlink()
    # At once: nobody has it any more.
    assert company.run().success
    assert BOTH == addressed(server)
