"""A team with two runbooks, and drills on it against the definitions in `numbers`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import Result

from oncall_assets_tests.cli import company

NUMBERS = "oncall_assets_tests.cli.numbers"
# Turn 0 begins on Monday 2026-01-05: alice in New York, with bob in London. 03:00 of the Tuesday there.
NIGHT = "2026-01-06T03:00"
PIPELINES = """\
pipelines:
    profit: {assets: 'key:"profit"', primary: carol, secondary: [bob], metric_owner: f@example.com,
             audience: stakeholders, because: x}
    report: {assets: 'key:"report"', primary: carol, secondary: [bob], metric_owner: f@example.com,
             audience: investors, because: x}
"""
CHANNELS = """\
channels: {slack: {}, email: {host: localhost, security: none, sender: oncall@example.com, user_env: NO_USER}}
audiences: {stakeholders: [f@example.com], investors: [ir@example.com]}
"""
RUNBOOK = """---
purpose: Tells what is earned.
metrics: [{name: profit, means: what is left, calculation: revenue - cost}]
frequency: daily
sla: [by 06:00]
severity: SEVERITY
urgency: URGENCY
rises: RISES
issues: {short: {what: rows are missing, detected_by: run failed}}
checks:
  - {name: complete_NAME, asset: NAME, expect: {unique: {columns: [id]}}, guards: [short], step: 2}
  - {name: usual_NAME, asset: NAME, expect: {unique: {columns: [id]}}, guards: [short], step: 1, severity: warn}
---
## Procedure
1. Look at the run.
2. Compare the filing.
3. Land the file again.
4. Re-run the day.
5. Tell finance.
"""


def team(folder: Path) -> None:
    """Make the handbook of `company` one with channels, investors and runbooks."""
    before, _, rest = company.TEAM.partition("pipelines:")
    text = f"{before}{PIPELINES}rotation:{rest.partition('rotation:')[2]}".partition("channels:")[0] + CHANNELS
    text = text.replace("email: carol@example.com,", "email: carol@example.com, slack: U01CAROL,")
    (folder / "team.yaml").write_text(text)
    runbook(folder, "profit")
    runbook(folder, "report")


def runbook(
    folder: Path, name: str, severity: str = "critical", urgency: str = "any_time", rises: str = "[]"
) -> None:
    text = RUNBOOK.replace("NAME", name).replace("SEVERITY", severity).replace("URGENCY", urgency)
    (folder / f"{name}.md").write_text(text.replace("RISES", rises))


def drill(book: Path, *arguments: str, asset: str = "profit", at: str = NIGHT) -> Result:
    return company.oncall(book, "drill", "--definitions", NUMBERS, "--asset", asset, "--at", at, *arguments)


def drilled(book: Path, *arguments: str, asset: str = "profit", at: str = NIGHT) -> dict[str, Any]:
    result = drill(book, *arguments, "--json", asset=asset, at=at)
    assert 0 == result.exit_code, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def told(found: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    """Instant (hours and minutes, UTC), step or reason, and people of each entry."""
    return [
        (
            one["at"][11:16],
            one.get("step") or one["held"],
            [person["who"] for person in one.get("told", ())],
        )
        for one in found["timeline"]
    ]
