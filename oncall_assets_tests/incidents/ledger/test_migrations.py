"""Old ledgers come through with nothing lost, and a migration that is killed has not happened."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, text

from oncall_assets.incidents.ledger import schema, tables
from oncall_assets.incidents.ledger.database import open_database
from oncall_assets.incidents.ledger.edition_tables import editions
from oncall_assets.incidents.ledger.ledger import Ledger, LedgerError
from oncall_assets.incidents.ledger.records import FaultRecord
from oncall_assets.incidents.policy.decide import OpenIncident, Reason
from oncall_assets.notify.message import Notice, Page, message_from
from oncall_assets_tests.incidents.ledger import ledger_0001
from oncall_assets_tests.incidents.ledger.entries import failed, passed, reasons, run_succeeded, tell, write
from oncall_assets_tests.incidents.ledger.ledger_0001 import NOW, seconds
from oncall_assets_tests.incidents.ledger.ledger_process import run

Rows = Callable[[str, str], list[tuple[object, ...]]]

# The tables of the incidents and, on their own page, of the editions.
TABLES = editions.metadata


def _upgrade(url: str, revision: str) -> None:
    engine = open_database(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(schema._MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def _differences(url: str, metadata: MetaData) -> list[Any]:
    engine = open_database(url)
    with engine.begin() as connection:
        options = {"version_table": tables.VERSION_TABLE, "compare_type": True, "compare_server_default": True}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    engine.dispose()
    return list(found)


def test_the_first_migration_makes_what_the_first_version_made(ledger_url: str) -> None:
    _upgrade(ledger_url, "0001")
    assert [] == _differences(ledger_url, ledger_0001.metadata)


@pytest.mark.parametrize("old", [False, True])
def test_the_tables_are_what_the_migrations_make(ledger_url: str, old: bool) -> None:
    if old:
        ledger_0001.fill(ledger_url)
    with Ledger(ledger_url):
        pass
    assert [] == _differences(ledger_url, TABLES)


_SCHEMA = {
    "sqlite": "SELECT type, name, sql FROM sqlite_master WHERE tbl_name <> 'ledger_version' ORDER BY type, name",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
    "AND tablename <> 'ledger_version' ORDER BY indexname",
}


def test_the_indexes_are_what_the_migrations_make(ledger_url: str, rows: Rows) -> None:
    """Alembic's own comparison does not see what a partial index leaves out."""
    query = _SCHEMA[ledger_url.partition(":")[0]]
    with Ledger(ledger_url) as ledger:
        migrated = rows(ledger_url, query)
        with ledger.transaction() as connection:
            TABLES.drop_all(connection)
            TABLES.create_all(connection)
    assert migrated == rows(ledger_url, query)


def test_the_program_knows_its_last_migration() -> None:
    assert [tables.VERSION] == ScriptDirectory(str(schema._MIGRATIONS)).get_heads()


def test_an_open_incident_goes_on_as_faults(ledger_url: str) -> None:
    ledger_0001.fill(ledger_url)
    with Ledger(ledger_url) as ledger:
        with ledger.writing() as pen:
            first, second, fourth = pen.open_incidents()
            assert {"s1": "s1", "s2": "s2", "s4": "s4"} == pen.incidents_of(["s1", "s2", "s4", "s30"])
        days = ("2026-01-02", "2026-01-03", "2026-01-04")
        assert ("s1", frozenset({"orders"}), {("orders:complete", "2026-01-06")}) == _outline(first)
        failing = {(target, day) for target in ("profit", "orders") for day in days}
        assert ("s2", frozenset({"profit", "orders"}), failing) == _outline(second)
        assert ("s4", frozenset({"orders"}), {("orders:complete", "2026-01-06")}) == _outline(fourth)
        assert ("run of s2", seconds(12)) == (
            second.faults["profit", days[0]].run_id,
            second.faults["profit", days[0]].last_failed_at,
        )
        assert [Reason.REPEATED] == reasons(write(ledger, failed(70, partition="2026-01-06")))
        mended = passed(80, partition="2026-01-06"), run_succeeded(81, "orders", "profit", partition=days[0])
        assert [Reason.RESOLVED, Reason.CLEARED] == reasons(write(ledger, *mended))
        assert [2] == [one.number for one in ledger.incidents(None, True)]


def _outline(one: OpenIncident) -> tuple[str, frozenset[str], set[tuple[str, str | None]]]:
    return one.opened_by, one.cause, set(one.faults)


def test_an_incident_keeps_what_was_known_of_it(ledger_url: str) -> None:
    ledger_0001.fill(ledger_url)
    with Ledger(ledger_url) as ledger:
        first, _, third, fourth = ledger.incidents(None, False)
        assert ("Title 1", "critical", "any_time", "profit", 1, 1) == (
            first.title, first.severity, first.urgency, first.pipeline, first.repeats, first.round,
        )  # fmt: skip
        # The page was written three seconds after two, and promised an hour, and a day and four hours.
        assert (seconds(3), seconds(3603), seconds(28 * 3600 + 3)) == (
            first.clock_from, first.respond_by, first.resolve_by,
        )  # fmt: skip
        assert (seconds(4), seconds(4 + 3600)) == (fourth.clock_from, fourth.respond_by)
        assert (FaultRecord("job:nightly", None, True, seconds(3), seconds(13), 4, seconds(60)),) == third.faults
        assert [
            (seconds(3), "opened", "Title 3"),
            (seconds(3), "refused", "by slack (1.1 on_call.primary): account_inactive"),
            (seconds(5), "told", "by console (1.1 on_call.primary)"),
            (seconds(60), "resolved", "what failed succeeded again (s30)"),
        ] == [(event.at, event.what, event.text) for event in ledger.story(3)]
        assert (None, seconds(5)) == (third.resolved_by, third.first_told_at)
        with ledger.writing() as pen:
            case = pen.case(1)
            assert ("71 of 100 rows are there.", ("1. Look at the run.",)) == (case.finding, case.steps)
            assert ("2026-01-06", "Nothing more is known.") == (pen.case(4).partition, pen.case(4).finding)
        assert [] == ledger.unannounced()
        assert [(NOW, "ann: ask Finance")] == ledger.notes(NOW)
        assert set() == ledger.unknown(["s1", "s2", "s3", "s4", "s30"])


def test_a_letter_on_its_way_can_still_be_sent(ledger_url: str) -> None:
    ledger_0001.fill(ledger_url)
    with Ledger(ledger_url) as ledger:
        assert ["turn 2026-01-12 primary ann"] == [one.subject for one in ledger.pending(NOW, "slack")]
        page_letter, notice_letter = ledger.pending(seconds(90), "slack")
        told, notice = message_from(page_letter.message), message_from(notice_letter.message)
        assert isinstance(told, Page)
        assert isinstance(notice, Notice)
        assert ("incident 1/1.1 on_call.primary/ann", 1, "ann", "You are on call as primary.") == (
            told.id, told.incident, told.to.key, told.why,
        )  # fmt: skip
        assert ("Title 1", seconds(3603), ("weekly",)) == (told.title, told.respond_by, told.not_computed)
        assert ("ann", (("With", "Ben Baker"),)) == (notice.to.key, notice.rows)
        assert (2, "down") == (page_letter.attempts, _error(ledger, page_letter.id))
        # Whoever was sending it when the program was replaced may have done so.
        assert [True, False] == [
            one.doubtful for one in ledger.claim([page_letter, notice_letter], seconds(90), NOW)
        ]
        with ledger.writing() as pen:
            assert [("ann", "slack")] == pen.told(1)
            assert [{"ann"}, {"ann"}, set()] == [set(one.told) for one in pen.standings()]


def _error(ledger: Ledger, number: int) -> str:
    with ledger.reading() as connection:
        found = connection.execute(text("SELECT last_error FROM outbox WHERE id = :id"), {"id": number})
        return str(found.scalar_one())


def test_numbers_go_on_where_they_were(ledger_url: str) -> None:
    ledger_0001.fill(ledger_url)
    with Ledger(ledger_url) as ledger:
        write(ledger, failed(70, "growth", partition="1999"))
        assert 5 == ledger.incidents(None, True)[-1].number
        ledger.note("ben", "thanks", NOW)
        assert 6 == tell(ledger, 5, "ben").id


def test_a_ledger_without_editions_gets_their_tables_and_keeps_what_it_has(ledger_url: str, rows: Rows) -> None:
    _upgrade(ledger_url, "0002")
    engine = open_database(ledger_url)
    with engine.begin() as connection:
        connection.execute(tables.notes.insert().values(written_at=NOW, author="ann", text="ask Finance"))
    engine.dispose()
    with Ledger(ledger_url) as ledger:
        assert [(NOW, "ann: ask Finance")] == ledger.notes(NOW)
    assert [(0,)] == rows(ledger_url, "SELECT count(*) FROM editions")
    assert [] == _differences(ledger_url, TABLES)


@pytest.mark.parametrize("old", [False, True])
def test_a_second_opening_changes_nothing(ledger_url: str, rows: Rows, old: bool) -> None:
    if old:
        ledger_0001.fill(ledger_url)
    for _ in range(2):
        with Ledger(ledger_url):
            assert [("0003",)] == rows(ledger_url, "SELECT version_num FROM ledger_version")
    assert [(4 if old else 0,)] == rows(ledger_url, "SELECT count(*) FROM incidents")


def test_a_ledger_of_a_newer_program_is_refused_and_left_alone(ledger_url: str, rows: Rows) -> None:
    with Ledger(ledger_url) as ledger, ledger.transaction() as connection:
        connection.execute(text("UPDATE ledger_version SET version_num = '0999'"))
    with pytest.raises(
        LedgerError, match="are of version 0999 and this program knows up to 0003: a newer one wrote"
    ):
        Ledger(ledger_url)
    assert [("0999",)] == rows(ledger_url, "SELECT version_num FROM ledger_version")


def test_dagster_may_keep_its_own_versions_in_the_same_database(ledger_url: str, rows: Rows) -> None:
    engine = open_database(ledger_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('29a8e9d74220')"))
    engine.dispose()
    with Ledger(ledger_url) as ledger:
        assert 0 == ledger.waiting()
    assert [("29a8e9d74220",)] == rows(ledger_url, "SELECT version_num FROM alembic_version")


@pytest.mark.parametrize(
    "dies",
    [
        "CREATE TABLE ledger_version",
        "ALTER TABLE notes RENAME",
        "CREATE TABLE silences",
        "INSERT INTO faults",
        "DROP TABLE before_decisions",
        "DROP TABLE before_incidents",
        "CREATE TABLE editions",
        "UPDATE ledger_version",
    ],
)
def test_a_killed_migration_has_not_happened(ledger_url: str, rows: Rows, dies: str) -> None:
    ledger_0001.fill(ledger_url)
    assert [(-signal.SIGKILL, "")] == run(ledger_url, dies=dies)
    assert [] == [
        one
        for one in _differences(ledger_url, ledger_0001.metadata)
        if getattr(one[1], "name", "") != "ledger_version"
    ]
    assert [(4,)] == rows(ledger_url, "SELECT count(*) FROM incidents WHERE covers <> ''")
    with Ledger(ledger_url) as ledger:
        assert [1, 2, 4] == [one.number for one in ledger.incidents(None, True)]
    assert [] == _differences(ledger_url, TABLES)


def test_processes_that_open_an_old_ledger_at_once_migrate_it_once(ledger_url: str) -> None:
    ledger_0001.fill(ledger_url)
    assert [(0, "0\n")] * 3 == run(ledger_url, at_once=3)
    with Ledger(ledger_url) as ledger:
        assert [1, 2, 4] == [one.number for one in ledger.incidents(None, True)]
        assert [1, 6, 1] == [len(one.faults) for one in ledger.incidents(None, True)]


def test_a_ledger_that_is_up_to_date_is_opened_without_alembic(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    with Ledger(url):
        pass
    script = (
        "import sys; from oncall_assets.incidents.ledger.ledger import Ledger\n"
        f"with Ledger({url!r}): print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=90)
    assert "False\n" == done.stdout
