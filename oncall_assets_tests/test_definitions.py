"""Every asset's key, dependencies, owners, tags and checks, as one picture that a change must show up in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg

from oncall_assets.definitions import definitions, handbook

SNAPSHOT = Path(__file__).parent / "definitions.json"

# Written by Dagster itself for `kinds` and of no interest here.
_OWN_TAGS = "dagster/kind/"


def picture() -> dict[str, dict[str, object]]:
    graph = definitions.get_repository_def().asset_graph
    drawn: dict[str, dict[str, object]] = {}
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        drawn[key.to_user_string()] = {
            "deps": sorted(parent.to_user_string() for parent in node.parent_keys),
            "owners": list(node.owners),
            "tags": {name: value for name, value in sorted(node.tags.items()) if not name.startswith(_OWN_TAGS)},
            "kinds": sorted(name.removeprefix(_OWN_TAGS) for name in node.tags if name.startswith(_OWN_TAGS)),
            "group": node.group_name,
            "checks": sorted(check.name for check in node.check_keys),
        }
    return drawn


def test_the_definitions_are_those_of_the_snapshot() -> None:
    """After a change that is meant: UPDATE_SNAPSHOT=1 pytest oncall_assets_tests/test_definitions.py."""
    if os.environ.get("UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(json.dumps(picture(), indent=2) + "\n")
    assert json.loads(SNAPSHOT.read_text()) == picture()


def test_every_asset_is_owned_and_told_to_somebody() -> None:
    for name, asset in picture().items():
        owners, tags = asset["owners"], asset["tags"]
        assert isinstance(owners, list)
        assert isinstance(tags, dict)
        assert len(owners) >= 3, name
        assert f"team:{handbook.team.team}" in owners, name
        wanted = {"oncall/primary", "oncall/secondary", "oncall/audience", "oncall/severity"}
        assert wanted <= set(tags), name


WATCHES = {f"{book.pipeline}_{watch.name}" for book in handbook.runbooks.values() for watch in book.front.watch}


def test_the_automations_run_by_default() -> None:
    repository = definitions.get_repository_def()
    schedules = {schedule.name: schedule.default_status for schedule in repository.schedule_defs}
    running = dg.DefaultScheduleStatus.RUNNING
    names = {
        "every_night",
        "late_events_every_night",
        "publish_ahead",
        "look_at_rota_daily",
        "review_last_quarter",
        *(f"watch_{watch}_schedule" for watch in WATCHES),
    }
    assert dict.fromkeys(names, running) == schedules
    assert ["oncall_editions", "oncall_pager"] == sorted(sensor.name for sensor in repository.sensor_defs)


def test_loading_the_definitions_is_light_and_needs_no_secret() -> None:
    code = (
        "import sys, oncall_assets.definitions\n"
        "drivers = {'psycopg2', 'adbc_driver_postgresql', 'adbc_driver_sqlite'}\n"
        "heavy = {'ortools', 'pyspark', 'matplotlib'} | drivers\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    bare = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=bare,
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "[]\n" == done.stdout, done.stderr
