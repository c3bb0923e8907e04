"""An edition goes out when it is due and nothing holds it, once, and no filling of old partitions sends any."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.reports.assets import SEND_LATE
from oncall_assets.reports.attempts import EDITION
from oncall_assets.reports.edition import Edition, Value
from oncall_assets_tests.reports.outgoing import (
    BOTH,
    CENTS,
    DAILY,
    DAY,
    DUE,
    LONG_AFTER,
    TABLE,
    Company,
    addressed,
    channel,
    failure,
    ledger,
    metadata,
    recorded,
    sent_nothing,
    team_of,
)
from oncall_assets_tests.smtp_server import SmtpServer


def test_the_edition_reaches_every_audience_once_and_its_partition_says_so(
    company: Company, server: SmtpServer
) -> None:
    result = company.run()
    assert result.success
    assert BOTH == addressed(server)
    record = recorded()
    assert record is not None
    told = metadata(result)
    assert ("sent", "2 sent", "investors, stakeholders") == (told["state"], told["copies"], told["audiences"])
    assert {copy.message_id for copy in record.copies} == set(told["Message-IDs"])
    assert {str(mail.mail["Message-ID"]) for mail in server.received} == set(told["Message-IDs"])
    assert DUE.timestamp() == told["sent at"]
    assert "2026-01-08 06:00 UTC" in told["next due"]
    assert (1, 1) == (told["business days left"], told["days left"])
    edition = Edition.model_validate_json(record.content)
    assert Value(amount=CENTS) == edition.figures[0].now
    # What was sent is kept, for nobody else to read.
    archive = Path(told["archive"])
    assert archive.is_relative_to(Path(os.environ["ONCALL_HOME"]) / "editions")
    assert {0o600} == {path.stat().st_mode & 0o777 for path in archive.iterdir()}
    assert record.content in "".join(
        Edition.model_validate_json(path.read_text()).model_dump_json() for path in archive.glob("*.json")
    )


def test_a_run_of_what_was_sent_sends_nothing_and_says_when_it_was(company: Company, server: SmtpServer) -> None:
    first = company.run()
    again = company.run(LONG_AFTER)
    assert again.success
    assert BOTH == addressed(server)
    assert metadata(first)["sent at"] == metadata(again)["sent at"]
    assert any(f"by run {first.run_id}, and not again" in saying for saying in company.sayings)


def test_a_held_edition_is_not_sent_and_says_what_holds_it(company: Company, server: SmtpServer) -> None:
    company.compute(only=TABLE)  # and not what is made of it
    result = company.run()
    assert [] == server.received
    assert "Aggregate profit for 2026-01-06 is held" in failure(result)
    assert "reporting/aggregate_profit" in failure(result)
    assert "oncall release --edition profit_daily" in failure(result)
    with ledger() as book:
        (hold,) = book.holds()
    assert (DUE, "profit_daily", "2026-01-06") == (hold.held_at, hold.report, hold.period)
    assert all(reason in failure(result) for reason in hold.reasons)
    # Mended, it goes out, and the hold is over.
    company.compute()
    assert company.run(DUE + timedelta(hours=1)).success
    assert BOTH == addressed(server)
    with ledger() as book:
        assert [] == book.holds()


def test_a_released_edition_goes_out_and_prints_who_let_it(company: Company) -> None:
    company.compute(only=TABLE)
    company.run()
    with ledger() as book:
        book.release("profit_daily", str(DAY), "ann", "the filing agrees", ["stale"], DUE)
    told = metadata(company.run(DUE + timedelta(minutes=5)))
    assert ("2 sent", "ann") == (told["copies"], told["released by"])
    record = recorded()
    assert record is not None
    override = Edition.model_validate_json(record.content).override
    assert override is not None
    assert ("ann", "the filing agrees") == (override.by, override.because)


def test_nothing_is_sent_before_it_is_due(company: Company, server: SmtpServer) -> None:
    assert sent_nothing(company.run(DUE - timedelta(seconds=1), tags={SEND_LATE: "true"}))
    assert ([], None) == (server.received, recorded())
    assert any("it is due 2026-01-07 06:00 UTC" in saying for saying in company.sayings)


def test_a_release_is_no_leave_to_send_before_it_is_due(company: Company, server: SmtpServer) -> None:
    with ledger() as book:
        book.release("profit_daily", str(DAY), "ann", "it is right", ["late"], DUE - timedelta(hours=1))
    assert sent_nothing(company.run(DUE - timedelta(seconds=1)))
    assert [] == server.received


def test_filling_old_partitions_writes_to_nobody(company: Company, server: SmtpServer) -> None:
    # Not even that it would be held: nobody waits for it.
    company.compute(only=TABLE)
    assert sent_nothing(company.run(LONG_AFTER))
    assert ([], None) == (server.received, recorded())
    with ledger() as book:
        assert [] == book.holds()
    assert any(SEND_LATE in saying for saying in company.sayings)


def test_up_to_a_week_after_it_was_due_a_plain_run_sends_it(company: Company, server: SmtpServer) -> None:
    assert company.run(LONG_AFTER - timedelta(seconds=1)).success
    assert BOTH == addressed(server)


@pytest.mark.parametrize("tags", [{SEND_LATE: "true"}, {EDITION: "profit_daily 2026-01-06"}])
def test_an_old_edition_is_sent_where_that_is_meant(
    company: Company, server: SmtpServer, tags: dict[str, str]
) -> None:
    assert company.run(LONG_AFTER, tags=tags).success
    assert BOTH == addressed(server)


def test_an_old_edition_that_is_held_when_it_is_meant_is_nobody_s_trouble(
    company: Company, server: SmtpServer
) -> None:
    company.compute(only=TABLE)
    assert "is held" in failure(company.run(LONG_AFTER, tags={SEND_LATE: "true"}))
    with ledger() as book:
        assert [] == book.holds()
    assert [] == server.received


@pytest.mark.parametrize("known", ["held", "released"])
def test_what_was_held_or_released_is_no_history(company: Company, server: SmtpServer, known: str) -> None:
    with ledger() as book:
        if known == "held":
            book.hold("profit_daily", str(DAY), ["late"], DUE, DUE)
        else:
            book.release("profit_daily", str(DAY), "ann", "it is right", ["late"], DUE)
    assert company.run(LONG_AFTER).success
    assert BOTH == addressed(server)


def test_a_range_of_editions_is_no_run(company: Company, server: SmtpServer) -> None:
    job = company.definitions().resolve_implicit_global_asset_job_def()
    tags = {
        "dagster/asset_partition_range_start": "2026-01-05",
        "dagster/asset_partition_range_end": "2026-01-06",
    }
    result = job.execute_in_process(
        instance=company.instance, asset_selection=[DAILY], tags=tags, raise_on_error=False
    )
    assert "is sent an edition a run" in failure(result)
    assert [] == server.received


def test_a_report_that_the_handbook_dropped_is_not_sent(
    company: Company, server: SmtpServer, tmp_path: Path
) -> None:
    definitions = company.definitions()
    team_of(tmp_path / "book", channel(server.port), front="severity: critical")
    job = definitions.resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(
        instance=company.instance, asset_selection=[DAILY], partition_key=str(DAY), raise_on_error=False
    )
    assert "the handbook has no report profit_daily any more" in failure(result)
    assert [] == server.received


def test_a_month_that_no_meeting_asks_for_is_not_sent(company: Company, server: SmtpServer) -> None:
    december = dg.AssetKey(["editions", "profit_monthly"])
    at = datetime(2026, 4, 20, 17, tzinfo=UTC)
    assert sent_nothing(company.run(at, "2026-03-01", december))
    assert [] == server.received
    assert any("the handbook plans none of these days" in saying for saying in company.sayings)
