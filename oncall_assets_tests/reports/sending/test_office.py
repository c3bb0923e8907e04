"""What a run of an edition finds when it looks around: figures, time and its secrets."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from oncall_assets.handbook import HandbookError
from oncall_assets.metrics.contracts import CONTRACTS
from oncall_assets.pipelines.reporting import ReportingDatabase
from oncall_assets.reports.cadence import planned
from oncall_assets.reports.edition import Value
from oncall_assets.reports.figures import figures_of
from oncall_assets.reports.office import EditionOffice, OfficeError, published
from oncall_assets_tests.pipelines.reporting.tables import figures
from oncall_assets_tests.reports.outgoing import DAY, REPORTS, channel, team_of


def test_figures_are_read_where_dashboards_read_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_HOME", str(tmp_path))
    monkeypatch.delenv("REPORTING_DATABASE_URL", raising=False)
    book = team_of(tmp_path / "book")
    one, read = planned(book)[0], published(book)
    # Nothing was ever published.
    (profit,) = figures_of(one, DAY, read, CONTRACTS[one.table])
    assert Value(why="not computed") == profit.now
    cents = 2**53 + 1
    ReportingDatabase().publish(CONTRACTS[one.table], figures(DAY, cents), DAY)
    (profit,) = figures_of(one, DAY, read, CONTRACTS[one.table])
    assert cents == profit.now.amount
    assert int is type(profit.now.amount)


def test_the_handbook_is_read_as_it_is_now_and_refused_if_a_figure_is_none(tmp_path: Path) -> None:
    office = EditionOffice(handbook_folder=str(team_of(tmp_path).folder))
    assert 3 == len(planned(office.handbook()))
    team_of(tmp_path, front="severity: critical")
    assert [] == planned(office.handbook())
    team_of(tmp_path, front=REPORTS.replace("profit_cents", "profits"))
    with pytest.raises(HandbookError, match="'profits' is no figure of aggregate_profit"):
        office.handbook()


def test_a_team_without_an_e_mail_channel_has_no_mailer(tmp_path: Path) -> None:
    team = team_of(tmp_path).team
    assert EditionOffice(handbook_folder=str(tmp_path)).mailer(team) is None


def test_a_login_without_its_password_is_refused_without_a_word_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team, office = team_of(tmp_path, channel(25)).team, EditionOffice(handbook_folder=str(tmp_path))
    monkeypatch.delenv("ONCALL_SMTP_PASSWORD", raising=False)
    monkeypatch.setenv("ONCALL_SMTP_USER", "reports-user")
    with pytest.raises(OfficeError, match="ONCALL_SMTP_PASSWORD is not set") as refused:
        office.mailer(team)
    assert "reports-user" not in str(refused.value)
    monkeypatch.setenv("ONCALL_SMTP_PASSWORD", "hunter2")
    mailer = office.mailer(team)
    assert mailer is not None
    assert "reports@example.com" == mailer.sender


def test_its_clock_is_utc_and_goes() -> None:
    before, now = datetime.now(UTC), EditionOffice(handbook_folder=".").now()
    assert before <= now <= datetime.now(UTC)
    assert UTC is now.tzinfo
