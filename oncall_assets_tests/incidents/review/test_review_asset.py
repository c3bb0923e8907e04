"""The review as an asset: written by itself once a quarter is over, for the team to find."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.home import ledger_url
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.review.asset import ASSET, JOB, review_assets, review_automation
from oncall_assets_tests.incidents.company import handbook
from oncall_assets_tests.incidents.ledger.entries import failed, write


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Handbook:
    monkeypatch.setenv("ONCALL_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("ONCALL_DATABASE_URL", raising=False)
    return handbook(tmp_path / "book")


@pytest.fixture
def ledger(book: Handbook) -> Iterator[Ledger]:  # noqa: ARG001 - names the folder it lies in
    with Ledger(ledger_url()) as opened:
        yield opened


def materialised(book: Handbook, quarter: str) -> str:
    """The Markdown in the metadata of the quarter's review."""
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(review_assets(book), instance=instance, partition_key=quarter)
    (event,) = result.asset_materializations_for_node(ASSET)
    return str(event.metadata["review"].value)


def answered(book: Handbook, at: datetime) -> dg.RunRequest | dg.SkipReason:
    """What the schedule wants at that instant."""
    (schedule,) = review_automation(book)["schedules"]
    found = schedule(dg.build_schedule_context(scheduled_execution_time=at))
    assert isinstance(found, dg.RunRequest | dg.SkipReason)
    return found


def test_a_quarter_is_reviewed_from_the_ledger_into_the_ui_and_a_file(
    book: Handbook, ledger: Ledger, tmp_path: Path
) -> None:
    write(ledger, failed(1))
    ledger.comment(1, "ann", "ask earlier", datetime.now(UTC))
    ledger.note("ben", "quiet week", datetime.now(UTC))
    text = materialised(book, "2026Q1")
    assert "1 incident: 1 critical. Still open: #1." in text
    assert "#1, ann: ask earlier" in text
    # The note is of today, which is no day of that quarter.
    assert "quiet week" not in text
    assert text == (tmp_path / "state" / "reviews" / "2026Q1.md").read_text()


def test_only_incidents_of_the_quarter_are_in_its_review(book: Handbook, ledger: Ledger) -> None:
    write(ledger, failed(1))
    assert "No incident was opened." in materialised(book, "2026Q2")
    last = datetime(2026, 4, 6, 8, 0, tzinfo=UTC)
    write(ledger, failed(2, asset="profit", at=last - timedelta(seconds=1)), failed(3, asset="dashboard", at=last))
    assert "2 incidents" in materialised(book, "2026Q1")
    assert "1 incident:" in materialised(book, "2026Q2")


def test_a_review_replaces_the_one_before(book: Handbook, ledger: Ledger, tmp_path: Path) -> None:
    materialised(book, "2026Q1")
    write(ledger, failed(1))
    materialised(book, "2026Q1")
    (path,) = (tmp_path / "state" / "reviews").iterdir()
    assert "1 incident:" in path.read_text()


@pytest.mark.parametrize(
    ("at", "quarter"),
    [
        # The second quarter of 2026 begins with the hand-off of Monday, April 6, 09:00 in London.
        ("2026-04-06T07:59:59+00:00", None),
        ("2026-04-06T08:00:00+00:00", "2026Q1"),
        ("2026-06-01T08:00:00+00:00", "2026Q1"),
        ("2027-01-05T08:00:00+00:00", "2026Q4"),
    ],
)
def test_the_schedule_wants_the_quarter_that_is_over_once(book: Handbook, at: str, quarter: str | None) -> None:
    wanted = answered(book, datetime.fromisoformat(at))
    if quarter is None:
        assert isinstance(wanted, dg.SkipReason)
        assert "2025Q4 was before the rotation began" == wanted.skip_message
    else:
        assert isinstance(wanted, dg.RunRequest)
        # Dagster launches no second run with the same key.
        assert (f"review-{quarter}", quarter) == (wanted.run_key, wanted.partition_key)


def test_the_schedule_runs_by_default_in_the_zone_of_the_team(book: Handbook) -> None:
    automation = review_automation(book)
    (schedule,) = automation["schedules"]
    assert dg.DefaultScheduleStatus.RUNNING == schedule.default_status
    assert "Europe/London" == schedule.execution_timezone
    whole = dg.Definitions(assets=review_assets(book), **automation)
    assert JOB in {job.name for job in whole.resolve_all_job_defs()}
