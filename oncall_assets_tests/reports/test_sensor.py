"""The sensor as Dagster's daemon evaluates it, and the runs that it asks for, before a real mail server."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time

from oncall_assets.handbook import Handbook
from oncall_assets.metrics.days import Days
from oncall_assets.reports.place import PlaceError
from oncall_assets.reports.sensor import edition_sensor
from oncall_assets_tests.incidents.company import handbook
from oncall_assets_tests.incidents.signals.probes.daemons import code_location, round_of_sensors
from oncall_assets_tests.reports.outgoing import CENTS, DAILY, DUE, PUBLISHED, Company, channel, ledger, team_of
from oncall_assets_tests.smtp_server import SmtpServer, smtp_server

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BOTH = ["all@example.com", "ir@example.com"]
FIRST = "profit_daily 2026-01-06"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SmtpServer]:
    with smtp_server(tmp_path, "none") as running:
        yield running


@dataclass
class Daemon:
    """Evaluates the sensor, tick after tick, with the cursor that it returned; `said` is its log."""

    company: Company
    sensor: dg.SensorDefinition
    cursor: str | None = None
    said: list[str] = field(default_factory=list)

    def tick(self, at: datetime) -> Any:
        definitions = dg.Definitions.merge(self.company.definitions(at), dg.Definitions(sensors=[self.sensor]))
        with (
            freeze_time(at),
            dg.build_sensor_context(
                self.company.instance,
                self.cursor,
                resources={"office": (definitions.resources or {})["office"]},
                repository_def=definitions.get_repository_def(),
            ) as context,
        ):
            context.log.addHandler(_Into(self.said))
            result = self.sensor.evaluate_tick(context)
        self.cursor = result.cursor
        return result

    def asks(self, at: datetime) -> list[str]:
        """The run keys that a tick asks for; each run does what it is for."""
        requests = self.tick(at).run_requests or []
        for one in requests:
            (asset,) = one.asset_selection
            self.company.run(at, one.partition_key, asset, one.tags)
        return [one.run_key for one in requests]


class _Into(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(record.getMessage())


def sensor_of(book: Handbook) -> dg.SensorDefinition:
    found = edition_sensor(book)
    assert found is not None
    return found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ONCALL_HOME", str(tmp_path / "home"))
    for variable in ("ONCALL_DATABASE_URL", "REPORTING_DATABASE_URL", "ONCALL_SMTP_USER", "ONCALL_SMTP_PASSWORD"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


@pytest.fixture
def daemon(home: Path, server: SmtpServer) -> Iterator[Daemon]:
    """Its first tick was at midnight; the day is not computed yet."""
    with dg.DagsterInstance.ephemeral() as instance:
        company = Company(team_of(home / "book", channel(server.port)), instance)
        made = Daemon(company, sensor_of(company.handbook))
        made.asks(DUE - 6 * HOUR)
        yield made
    # Who may read Dagster's log may not see what investors are told.
    assert not [line for line in made.said if str(CENTS) in line or f"{CENTS / 100:,.2f}" in line]


def addressed(server: SmtpServer) -> list[str]:
    return sorted(address for mail in server.received for address in mail.recipients)


def test_a_team_without_reports_has_no_desk(tmp_path: Path) -> None:
    assert edition_sensor(handbook(tmp_path / "book")) is None


def test_the_desk_is_on_by_default_every_half_minute_and_launches_reports_only(tmp_path: Path) -> None:
    sensor = sensor_of(team_of(tmp_path / "book"))
    assert ("oncall_editions", dg.DefaultSensorStatus.RUNNING, 30) == (
        sensor.name,
        sensor.default_status,
        sensor.minimum_interval_seconds,
    )
    assert sensor.asset_selection is not None
    definitions = Company(team_of(tmp_path / "book"), dg.DagsterInstance.ephemeral()).definitions()
    assert {"editions/profit_daily", "editions/profit_monthly", "editions/profit_weekly"} == {
        key.to_user_string() for key in sensor.asset_selection.resolve(definitions.resolve_asset_graph())
    }


def test_an_edition_arrives_when_it_is_due_and_once(daemon: Daemon, server: SmtpServer) -> None:
    daemon.company.compute()
    assert [] == daemon.asks(DUE - MINUTE)
    assert [FIRST] == daemon.asks(DUE)
    assert BOTH == addressed(server)
    for minutes in (1, 60, 600):
        assert [] == daemon.asks(DUE + minutes * MINUTE)
    assert BOTH == addressed(server)
    assert [] == daemon.said


def test_a_held_edition_waits_and_goes_out_when_it_is_mended(daemon: Daemon, server: SmtpServer) -> None:
    assert "1 held" == str(daemon.tick(DUE - 30 * MINUTE).skip_message)
    with ledger() as book:
        (hold,) = book.holds()
    assert ("profit_daily", "2026-01-06", DUE - 30 * MINUTE) == (hold.report, hold.period, hold.told_at)
    assert [] == daemon.asks(DUE)
    daemon.company.compute()
    assert [FIRST] == daemon.asks(DUE + HOUR)
    assert [] == daemon.asks(DUE + HOUR + MINUTE)
    assert BOTH == addressed(server)
    with ledger() as book:
        assert [] == book.holds()


def test_a_figure_that_changed_after_it_was_sent_is_found_and_not_named_in_the_log(daemon: Daemon) -> None:
    daemon.company.compute()
    daemon.asks(DUE)
    daemon.company.compute(cents=CENTS + 1)
    result = daemon.tick(DUE + 2 * HOUR)
    assert "1 restated" == str(result.skip_message)
    assert "nothing to do" == str(daemon.tick(DUE + 3 * HOUR).skip_message)


def test_the_cursor_says_since_when_and_what_was_counted(daemon: Daemon) -> None:
    assert daemon.cursor is not None
    assert {
        "since": "2026-01-07T00:00:00+00:00",
        "counted_on": {
            "profit_daily": "2026-01-07",
            "profit_monthly": "2026-01-07",
            "profit_weekly": "2026-01-07",
        },
    } == json.loads(daemon.cursor)
    counted = daemon.company.instance.fetch_observations(DAILY, limit=10).records
    daemon.tick(DUE - 5 * HOUR)
    assert 1 == len(counted) == len(daemon.company.instance.fetch_observations(DAILY, limit=10).records)


@pytest.mark.parametrize("cursor", ["junk", "[]", "{}", '{"since": "2026-01-07T00:00:00", "counted_on": {}}', "7"])
def test_a_cursor_that_is_none_of_its_own_is_refused(daemon: Daemon, cursor: str) -> None:
    daemon.cursor = cursor
    with pytest.raises(PlaceError, match="the cursor of the sensor oncall_editions is none of its own; expected"):
        daemon.tick(DUE)


def test_a_handbook_edited_since_the_start_counts_and_an_unsound_one_is_named(daemon: Daemon) -> None:
    daemon.company.compute()
    runbook = daemon.company.handbook.folder / "profit.md"
    text = runbook.read_text()
    runbook.write_text(text.replace('due: {at: "06:00"}', 'due: {at: "06:30"}'))
    assert [] == daemon.asks(DUE)
    runbook.write_text("---\nnothing: true\n---\n")
    assert [FIRST] == daemon.asks(DUE + 30 * MINUTE)
    assert any("is not sound, so the one read before stays in force" in line for line in daemon.said)


def test_a_period_that_dagster_does_not_know_yet_is_named_and_holds_up_no_other(daemon: Daemon) -> None:
    daemon.company.compute(Days.parse("2026-01-01", "2026-01-31"))
    runbook = daemon.company.handbook.folder / "profit.md"
    text = runbook.read_text()
    weekly = 'name: weekly, title: Weekly profit, period: week, due: {at: "07:00", on: monday}'
    assert weekly in text
    runbook.write_text(text.replace(weekly, 'name: weekly, title: Weekly profit, period: day, due: {at: "07:00"}'))
    daemon.asks(DUE - HOUR)
    # A Wednesday, in whose partition no week begins.
    result = daemon.tick(DUE + HOUR)
    assert [FIRST] == [one.run_key for one in result.run_requests]
    assert [
        "profit_weekly 2026-01-06 is not asked for: the code that Dagster has loaded plans other periods; reload "
        "the code location"
    ] == daemon.said


_CODE = """
from datetime import datetime
from pathlib import Path
import dagster as dg
from oncall_assets.handbook import load_handbook
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.reports import editions
from oncall_assets.reports.office import EditionOffice
from oncall_assets.reports.sensor import edition_sensor

class Clock(EditionOffice):
    def now(self):
        return datetime.fromisoformat(Path({clock!r}).read_text())

book = load_handbook(Path({book!r}), frozenset(LANDED))

@dg.asset(key={published!r}, partitions_def=dg.DailyPartitionsDefinition("2026-01-01"))
def published(): ...

defs = dg.Definitions(
    assets=[published, *editions(book).assets],
    sensors=[edition_sensor(book)],
    resources={{"office": Clock(handbook_folder={book!r})}},
)
"""


def test_dagster_s_own_daemon_launches_the_edition_once_under_its_tag(home: Path, empty_home: Path) -> None:
    dagster_home = shutil.copytree(empty_home, home / "dagster")
    book, clock, code = team_of(home / "book"), home / "clock", home / "code.py"
    code.write_text(_CODE.format(clock=str(clock), book=str(book.folder), published=list(PUBLISHED.path)))
    with dg.DagsterInstance.from_config(str(dagster_home)) as instance, code_location(instance, code) as workspace:
        for at in (DUE - 6 * HOUR, DUE, DUE + MINUTE, DUE + 2 * MINUTE):
            clock.write_text(at.isoformat())
            with freeze_time(at):
                instance.report_runless_asset_event(dg.AssetMaterialization(PUBLISHED, partition="2026-01-06"))
            round_of_sensors(workspace, at)
        (run,) = instance.get_runs()
        assert (FIRST, "2026-01-06") == (run.tags["oncall/edition"], run.tags["dagster/partition"])
        assert {DAILY} == run.asset_selection
        assert dg.DagsterRunStatus.QUEUED is run.status
