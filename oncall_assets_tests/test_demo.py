"""`make demo` as a newcomer runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def demo(home: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("ONCALL_", "DAGSTER_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "oncall_assets.demo"],
        cwd=ROOT,
        env={**environment, "ONCALL_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.long
def test_the_demo_pages_once_and_shows_what_was_held_back(tmp_path: Path) -> None:
    done = demo(tmp_path / "demo")

    assert 0 == done.returncode, done.stderr
    assert "" == done.stderr
    assert 1 == done.stdout.count("INCIDENT ")
    for line in (
        "21 tables computed, 117 checks judged, 0 failed.",
        "INCIDENT 1  CRITICAL  revenue_records_unique failed on revenue_records",
        "Partition     2026-10-03",
        "aggregate_profit (INVESTOR FIGURES)",
        "Runbook       runbooks/aggregate_profit.md",
        "Held back for 2026-10-03: aggregate_profit, experiment_readout, investor_report, profit, unit_level",
        "investor_report has 0 rows for that day",
    ):
        assert line in done.stdout
    kept = {path.name for path in (tmp_path / "demo").iterdir()}
    state = {"dagster", "ledger.sqlite", "reporting.sqlite", "sample", "warehouse"}
    assert state == kept, "all state belongs below ONCALL_HOME"


def test_the_demo_does_not_empty_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    done = demo(tmp_path)
    assert 2 == done.returncode
    assert "so it wants one called demo" in done.stderr
    assert "mine" == (tmp_path / "precious").read_text()


@pytest.mark.parametrize("name", ["asset.png", "check.png", "load.png", "rota.png"])
def test_the_pictures_of_the_readme_are_there(name: str) -> None:
    assert f"docs/pictures/{name}" in (ROOT / "README.md").read_text()
    assert b"\x89PNG" == (ROOT / "docs" / "pictures" / name).read_bytes()[:4]
