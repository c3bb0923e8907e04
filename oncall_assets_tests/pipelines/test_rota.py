"""The rota is an asset by quarter: published ahead by itself, and somebody is paged where it is late."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.incidents.pager import build_pager
from oncall_assets.incidents.signals.kinds import CheckFailed, CheckPassed
from oncall_assets.incidents.signals.log import read, start
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.pipelines.rota import rota_assets, rota_automation, rota_checks
from oncall_assets.rota import Quarter
from oncall_assets.rota.publish import promised, publish, published_file
from oncall_assets_tests.rota.handbooks import handbook_plus

PUBLISH = "publish: {ahead: 1 quarter}\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ONCALL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def handbook(tmp_path: Path) -> Handbook:
    return handbook_plus(tmp_path / "book", PUBLISH)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test(temp_dir=str(tmp_path)) as made:
        yield made


def definitions(handbook: Handbook) -> dg.Definitions:
    return dg.Definitions(
        assets=rota_assets(handbook),
        asset_checks=rota_checks(handbook),
        executor=dg.in_process_executor,
        **rota_automation(handbook),
    )


def now_and_next(handbook: Handbook) -> tuple[Quarter, Quarter]:
    """The quarters that are promised today."""
    running, following = promised(handbook.team, datetime.now(UTC))
    return running, following


def run(
    handbook: Handbook, instance: dg.DagsterInstance, job: str, quarter: Quarter | None
) -> dg.ExecuteInProcessResult:
    return (
        definitions(handbook)
        .resolve_job_def(job)
        .execute_in_process(
            instance=instance, partition_key=str(quarter) if quarter else None, raise_on_error=False
        )
    )


def metadata_of(result: dg.ExecuteInProcessResult) -> dict[str, dg.MetadataValue]:
    (event,) = result.get_asset_materialization_events()
    return dict(event.materialization.metadata)


def test_materialising_a_quarter_publishes_it_with_its_page_and_calendars(
    handbook: Handbook, instance: dg.DagsterInstance, home: Path
) -> None:
    _, following = now_and_next(handbook)

    result = run(handbook, instance, "publish_rota", following)

    assert result.success
    again = load_handbook(handbook.folder, frozenset(LANDED))
    assert {str(following)} == set(again.published)
    out = home / "rota" / str(following)
    people = {f"engineers/{who}.ics" for who in handbook.team.engineers}
    assert {"rota.html", "team.ics"} | people == {
        path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()
    }
    metadata = metadata_of(result)
    assert str(out / "rota.html") == metadata["page"].value
    assert str(published_file(handbook.folder, following)) == metadata["frozen in"].value


def test_each_picture_in_the_metadata_is_a_whole_svg_with_a_row_for_each_engineer(
    handbook: Handbook, instance: dg.DagsterInstance
) -> None:
    metadata = metadata_of(run(handbook, instance, "publish_rota", now_and_next(handbook)[1]))

    for key, name, pieces in (("rota", r"\d{4}Q\d", 2 * 12), ("load picture", r"load of \d{4}Q\d", 4 * 4)):
        match = re.fullmatch(
            rf"!\[{name}\]\(data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)\)", str(metadata[key].value)
        )
        assert match is not None
        picture = ElementTree.fromstring(base64.b64decode(match[1]))
        texts = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
        assert {engineer.name for engineer in handbook.team.engineers.values()} <= set(texts)
        assert len(list(picture.iter("{http://www.w3.org/2000/svg}rect"))) >= pieces


def test_the_load_table_adds_up_to_the_quarter(handbook: Handbook, instance: dg.DagsterInstance) -> None:
    _, following = now_and_next(handbook)
    table = metadata_of(run(handbook, instance, "publish_rota", following))["load"]
    assert isinstance(table, dg.TableMetadataValue)
    hours = (following.end(handbook.team) - following.start(handbook.team)) / timedelta(hours=1)
    for column in ("primary hours", "secondary hours"):
        assert hours == pytest.approx(sum(float(record.data[column] or 0) for record in table.records))


def test_a_published_quarter_is_handed_out_again_and_its_file_stays(
    handbook: Handbook, instance: dg.DagsterInstance
) -> None:
    _, following = now_and_next(handbook)
    assert run(handbook, instance, "publish_rota", following).success
    before = published_file(handbook.folder, following).read_bytes()

    assert run(handbook, instance, "publish_rota", following).success

    assert before == published_file(handbook.folder, following).read_bytes()


def test_a_quarter_that_is_over_fails_with_one_clear_reason(
    handbook: Handbook, instance: dg.DagsterInstance
) -> None:
    result = run(handbook, instance, "publish_rota", Quarter(2026, 1))
    (failure,) = result.get_step_failure_events()
    error = failure.step_failure_data.error
    assert error is not None
    assert "2026Q1 ended on" in error.message


def test_the_check_fails_until_every_promised_quarter_is_published(
    handbook: Handbook, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    cursor = start(instance, datetime.now(UTC))
    running, following = now_and_next(handbook)
    run(handbook, instance, "look_at_rota", None)
    publish(handbook, running, datetime.now(UTC), tmp_path / "out")
    run(handbook, instance, "look_at_rota", None)
    publish(handbook, following, datetime.now(UTC), tmp_path / "out")
    run(handbook, instance, "look_at_rota", None)
    # What the pager sees, of each run also when the run itself succeeded.
    signals, _ = read(instance, cursor, 100, set)
    seen = [signal for signal in signals if isinstance(signal, CheckFailed | CheckPassed)]
    first, second, third = seen
    assert isinstance(first, CheckFailed)
    assert isinstance(second, CheckFailed)
    assert f"not published: {running}, {following}" == first.evidence.observed
    assert f"not published: {following}" == second.evidence.observed
    assert f"oncall publish --quarter {following}" in second.evidence.finding
    assert "error" == first.severity
    assert isinstance(third, CheckPassed)
    # One incident, and the pass ends it.
    assert 1 == len({(signal.asset, signal.check, signal.partition) for signal in seen})


def test_the_check_of_a_quarters_own_run_speaks_of_the_same_incident(
    handbook: Handbook, instance: dg.DagsterInstance
) -> None:
    cursor = start(instance, datetime.now(UTC))
    run(handbook, instance, "look_at_rota", None)
    run(handbook, instance, "publish_rota", now_and_next(handbook)[1])
    signals, _ = read(instance, cursor, 100, set)
    partitions = {signal.partition for signal in signals if isinstance(signal, CheckFailed | CheckPassed)}
    assert {"quarters ahead"} == partitions


def test_the_pager_opens_an_incident_where_a_quarter_is_late_and_ends_it_once_it_is_published(
    handbook: Handbook, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    on_call = definitions(handbook).get_repository_def()
    pager = build_pager(handbook)

    def round_of(cursor: str | None) -> tuple[str, str | None]:
        context = dg.build_sensor_context(instance=instance, cursor=cursor, repository_def=on_call)
        told = pager(context)
        assert isinstance(told, dg.SensorResult)
        assert told.skip_reason is not None
        return str(told.skip_reason.skip_message), told.cursor

    _, cursor = round_of(None)
    run(handbook, instance, "look_at_rota", None)
    late, cursor = round_of(cursor)
    for quarter in now_and_next(handbook):
        publish(handbook, quarter, datetime.now(UTC), tmp_path / "out")
    run(handbook, instance, "look_at_rota", None)
    done, _ = round_of(cursor)

    assert "1 opened" in late
    assert "1 resolved" in done


def tick(handbook: Handbook, instance: dg.DagsterInstance, at: datetime) -> list[str | None]:
    """The partitions that the schedule asks for at `at`."""
    repository = definitions(handbook).get_repository_def()
    context = dg.build_schedule_context(instance=instance, scheduled_execution_time=at, repository_def=repository)
    schedule = repository.get_schedule_def("publish_ahead")
    return [request.partition_key for request in schedule.evaluate_tick(context).run_requests or []]


def test_the_schedule_asks_for_each_quarter_two_weeks_before_it_is_promised_and_no_more_once_it_is_there(
    handbook: Handbook, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    promised_at = Quarter(2027, 1).start(handbook.team).astimezone(ZoneInfo(handbook.team.timezone))
    early = promised_at - timedelta(days=14)
    publish(handbook, Quarter(2026, 4), early - timedelta(days=30), tmp_path / "out")
    publish(handbook, Quarter(2027, 1), early - timedelta(days=30), tmp_path / "out")

    assert [] == tick(handbook, instance, early - timedelta(hours=1))
    assert ["2027Q2"] == tick(handbook, instance, early)
    assert ["2027Q2"] == tick(handbook, instance, early + timedelta(days=1))
    publish(handbook, Quarter(2027, 2), early, tmp_path / "out")
    assert [] == tick(handbook, instance, early + timedelta(days=2))


def test_both_schedules_run_by_default_in_the_teams_zone_and_the_look_comes_after(handbook: Handbook) -> None:
    repository = definitions(handbook).get_repository_def()
    found = {
        schedule.name: (schedule.default_status, schedule.execution_timezone, schedule.cron_schedule)
        for schedule in repository.schedule_defs
    }
    running, zone = dg.DefaultScheduleStatus.RUNNING, handbook.team.timezone
    assert {
        "publish_ahead": (running, zone, "0 6 * * *"),
        "look_at_rota_daily": (running, zone, "0 7 * * *"),
    } == found


def test_a_team_that_promises_nothing_has_no_asset_no_check_and_no_schedule(tmp_path: Path) -> None:
    handbook = handbook_plus(tmp_path / "book")
    assert [] == rota_assets(handbook)
    assert [] == rota_checks(handbook)
    assert {"jobs": [], "schedules": []} == rota_automation(handbook)
