"""The whole line: a real `dagster dev`, a fault in the data, and one page to the right person over HTTP."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.rota import on_call
from oncall_assets.sample import Company, parse_fault, write
from oncall_assets_tests.dagster_dev import ROOT, Dev
from oncall_assets_tests.slack_server import SlackServer, slack_server

NIGHT = date(2026, 9, 3)


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with slack_server() as server:
        yield server


@pytest.fixture
def handbook(tmp_path: Path, slack: SlackServer) -> Handbook:
    """The default handbook, with a Slack that is ours."""
    folder = tmp_path / "runbooks"
    shutil.copytree(ROOT / "runbooks", folder)
    # The handbook names it as its neighbour.
    shutil.copy(ROOT / "constraints.txt", tmp_path)
    # Whatever the hour of the test, no source is silent, no report late for a day that nobody computes.
    sources = (folder / "sources.yaml").read_text()
    (folder / "sources.yaml").write_text(sources.replace("first_day: ", f"last_day: {NIGHT}\nfirst_day: "))
    team = (folder / "team.yaml").read_text()
    before = load_handbook(folder, frozenset(LANDED)).team.channels.slack
    assert before is not None
    lines = team.splitlines()
    (place,) = [number for number, line in enumerate(lines) if line.lstrip().startswith("slack: {")]
    indent = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
    lines[place] = f"{indent}slack: {{token_env: ONCALL_SLACK_TOKEN, base_url: '{slack.url}'}}"
    (folder / "team.yaml").write_text("\n".join(lines) + "\n")
    return load_handbook(folder, frozenset(LANDED))


@pytest.fixture
def dev(tmp_path: Path, handbook: Handbook) -> Iterator[Dev]:
    home = tmp_path / "home"
    home.mkdir()
    sample = handbook.sources.sample
    assert sample is not None
    days = (NIGHT - handbook.sources.first_day).days + 1
    company = Company(sample.accounts, days, sample.seed, handbook.sources.first_day)
    write(company, home / "sample", [parse_fault(f"duplicate-revenue@{NIGHT}")])
    running = Dev(home, handbook.folder, {"ONCALL_SLACK_TOKEN": "xoxb-of-the-test"})
    yield running
    running.close()


def pages(slack: SlackServer) -> list[dict[str, Any]]:
    """What came about incidents; notices of the rota come too, by the calendar."""
    return [message for message in slack.messages if message["text"].startswith("Incident ")]


@pytest.mark.waits
def test_a_fault_in_the_data_pages_the_engineer_on_call_once_and_by_name(
    dev: Dev, slack: SlackServer, handbook: Handbook
) -> None:
    dev.wait_for("the pager's first round", dev.ticks)
    assert [] == pages(slack), "the first round pages no history"

    expected = {on_call(handbook, datetime.now(UTC)).primary}
    run = dev.launch("night", NIGHT)
    dev.wait_for("the page", lambda: pages(slack))
    expected.add(on_call(handbook, datetime.now(UTC)).primary)
    dev.wait_for("the end of the run", lambda: dev.status(run) in {"FAILURE", "SUCCESS"})
    seen = dev.ticks()
    dev.wait_for("three more rounds", lambda: dev.ticks() >= seen + 3)

    # The blocking check fails in two ways, as an evaluation and as a failed run; they are one fault.
    # Without the days before, other figures of this night are found wrong too, and rightly.
    (page,) = [one for one in pages(slack) if "revenue_records" in one["text"]]
    engineer = next(
        e for key, e in handbook.team.engineers.items() if e.slack == page["channel"] and key in expected
    )
    text = json.dumps(page, ensure_ascii=False)
    assert "FAILURE" == dev.status(run)
    for words in (engineer.name, "revenue_records", str(NIGHT), "record_id", "investor_report", run):
        assert words in text
    assert "xoxb-of-the-test" not in dev.log.read_text()
