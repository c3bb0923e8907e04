"""Who may read: exactly whom the handbook names, by what the database and the file system themselves say."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncall_assets.pipelines.reporting.address import opened
from oncall_assets.pipelines.reporting.database import ReportingError
from oncall_assets.pipelines.reporting.publish import publish
from oncall_assets.pipelines.reporting.resource import ReportingDatabase
from oncall_assets_tests.pipelines.reporting.tables import DAYS, PROFIT, ask, figures

VIEWS = ("aggregate_profit_daily", "aggregate_profit_weekly", "aggregate_profit_monthly")


def readers(url: str) -> set[str]:
    with opened(url) as database:
        return set(database.readers("aggregate_profit"))


def may_read(url: str, user: str, relation: str) -> bool:
    try:
        ask(url, f"SELECT * FROM {relation}", user=user)
    except Exception as error:
        if "permission denied" not in str(error):
            raise
        return False
    return True


def test_a_reader_of_the_handbook_reads_the_table_and_its_views_and_nothing_else(
    server_url: str, role: str
) -> None:
    publish(server_url, PROFIT, figures(), DAYS, [role])
    ask(server_url, "CREATE TABLE other AS SELECT 1")
    assert all(may_read(server_url, role, relation) for relation in ("aggregate_profit", *VIEWS))
    assert not may_read(server_url, role, "other")
    with pytest.raises(Exception, match="permission denied"):
        ask(server_url, "DELETE FROM aggregate_profit", user=role)
    assert {role} == readers(server_url)


def test_nobody_reads_what_the_handbook_names_nobody_for(server_url: str, role: str) -> None:
    publish(server_url, PROFIT, figures(), DAYS, ())
    assert not any(may_read(server_url, role, relation) for relation in ("aggregate_profit", *VIEWS))
    assert set() == readers(server_url)


def test_a_reader_named_later_is_let_read_by_the_next_publication(server_url: str, role: str) -> None:
    publish(server_url, PROFIT, figures(), DAYS, ())
    publish(server_url, PROFIT, figures(), DAYS, [role])
    assert may_read(server_url, role, "aggregate_profit_weekly")


def test_a_reader_may_use_the_schema_where_everybody_may_not(server_url: str, role: str) -> None:
    ask(server_url, "REVOKE USAGE ON SCHEMA public FROM PUBLIC")
    publish(server_url, PROFIT, figures(), DAYS, [role])
    assert may_read(server_url, role, "aggregate_profit")


def test_a_role_that_is_not_there_is_named_and_nothing_is_published(server_url: str, role: str) -> None:
    publish(server_url, PROFIT, figures(), DAYS, [role])
    with pytest.raises(ReportingError, match=r"has no role nobody_here, which `reporting:` of team.yaml names"):
        publish(server_url, PROFIT, figures(cents=1), DAYS, [role, "nobody_here"])
    assert [(100,)] * 3 == ask(server_url, "SELECT revenue_cents FROM aggregate_profit_daily")


def test_who_sees_all_anyway_is_no_reader(server_url: str) -> None:
    with pytest.raises(ReportingError, match="postgres publishes the reporting database or is a superuser"):
        publish(server_url, PROFIT, figures(), DAYS, ["postgres"])


@pytest.mark.parametrize("to", ["PUBLIC", "{role}"])
@pytest.mark.parametrize(
    ("grant", "changes"),
    [
        ("GRANT SELECT ON aggregate_profit TO {to}", False),
        ("GRANT SELECT (margin) ON aggregate_profit TO {to}", False),
        ("GRANT SELECT ON aggregate_profit_monthly TO {to}", False),
        ("GRANT UPDATE ON aggregate_profit TO {to}", True),
        ("GRANT UPDATE (margin) ON aggregate_profit TO {to}", True),
        ("GRANT INSERT ON aggregate_profit TO {to}", True),
        ("GRANT DELETE ON aggregate_profit TO {to}", True),
        ("GRANT TRUNCATE ON aggregate_profit TO {to}", True),
        ("GRANT ALL ON aggregate_profit_daily TO {to}", True),
    ],
)
def test_what_somebody_was_granted_by_hand_is_found_and_left(
    server_url: str, role: str, grant: str, changes: bool, to: str
) -> None:
    publish(server_url, PROFIT, figures(), DAYS, ())
    name = to.format(role=role)
    ask(server_url, grant.format(to=name))
    expected = {f"{name} (may change)" if changes else name}
    assert expected == readers(server_url)
    publish(server_url, PROFIT, figures(), DAYS, ())
    assert expected == readers(server_url)


def test_a_view_of_somebodys_own_and_a_view_of_that_let_read_too(server_url: str, role: str) -> None:
    publish(server_url, PROFIT, figures(), DAYS, ())
    ask(server_url, "CREATE VIEW one AS SELECT margin FROM aggregate_profit_weekly")
    ask(server_url, "CREATE MATERIALIZED VIEW two AS SELECT * FROM one")
    ask(server_url, f"GRANT SELECT ON two TO {role}")
    assert {role} == readers(server_url)


def test_default_privileges_and_the_role_that_reads_everything_are_found(server_url: str, role: str) -> None:
    ask(server_url, "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC")
    ask(server_url, f"GRANT pg_read_all_data TO {role}")
    publish(server_url, PROFIT, figures(), DAYS, ())
    assert {"PUBLIC", role} == readers(server_url)


def test_a_group_is_named_and_not_its_members(server_url: str, role: str) -> None:
    publish(server_url, PROFIT, figures(), DAYS, ())
    group = f"group_of_{role}"
    ask(server_url, f"CREATE ROLE {group}")
    ask(server_url, f"GRANT {group} TO {role}")
    ask(server_url, f"GRANT SELECT ON aggregate_profit TO {group}")
    assert {group} == readers(server_url)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (0o600, set()),
        (0o640, {"group {group} (file mode)"}),
        (0o604, {"others (file mode)"}),
        (0o660, {"group {group} (file mode) (may change)"}),
        (0o666, {"group {group} (file mode) (may change)", "others (file mode) (may change)"}),
        (0o602, {"others (file mode) (may change)"}),
    ],
)
def test_a_file_is_read_by_whom_its_mode_lets(file_url: str, mode: int, expected: set[str]) -> None:
    publish(file_url, PROFIT, figures(), DAYS, ["a_role_of_the_handbook"])
    path = Path(file_url.removeprefix("sqlite:///"))
    path.chmod(mode)
    assert {reader.format(group=path.group()) for reader in expected} == readers(file_url)


def test_the_handbook_is_about_roles_which_a_file_has_none_of(
    monkeypatch: pytest.MonkeyPatch, server_url: str, file_url: str
) -> None:
    database = ReportingDatabase(may_read={"bi": ["aggregate_profit"], "finance": ["investor_report"]})
    monkeypatch.setenv("REPORTING_DATABASE_URL", server_url)
    assert {"bi"} == set(database.allowed("aggregate_profit"))
    assert set() == set(database.allowed("aggregate_growth"))
    monkeypatch.setenv("REPORTING_DATABASE_URL", file_url)
    assert set() == set(database.allowed("aggregate_profit"))
    assert set() == set(database.readers("aggregate_profit"))
