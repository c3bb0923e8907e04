"""A small team to ask and to change: four engineers by the week, laid out by somebody with habits of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

from click.testing import CliRunner, Result

from oncall_assets.cli import main

GOOD = Path(__file__).parents[1] / "handbooks" / "good"

# Turn 0 of 2026-01-05 is alice's with bob, then bob's with carol, carol's with david, david's with alice.
TEAM = """\
# Who is in the team.   Ask before you touch the quotes.

team: 'small-data'
timezone: America/New_York
engineers:
    alice: {name: Alice Johnson,  email: alice@example.com, region: US-NY, timezone: America/New_York}
    bob: {name: Bob Smith, email: bob@example.com, region: GB-ENG, timezone: Europe/London}
    carol: {name: Carol White, email: carol@example.com, region: IN, timezone: Asia/Kolkata}
    david: {name: "David [Dave] Brown", email: david@example.com, region: US-CA, timezone: America/Los_Angeles}
pipelines:
    profit:
        assets: key:"profit"
        primary: alice
        secondary: [bob, carol]
        metric_owner: finance@example.com
        audience: stakeholders
        because: >-
            Alice knows the ledger,
            Bob learns it.
rotation:
    turn: 1 week
    handoff: monday 09:00
    start: 2026-01-05
    order: [[alice, bob], [bob, carol], [carol, david], [david, alice]]   # who follows whom
swaps: {notice: 1 week}
severities:
    critical: {respond: 1h, resolve: 4h}
    major: {respond: 2h, resolve: 8h}
    minor: {respond: 4h, resolve: 24h}
channels: {console: {}}
audiences: {stakeholders: [finance@example.com]}
"""


def handbook(folder: Path, more: str = "") -> Path:
    """The team's handbook in `folder`, with `more` at the end of its `team.yaml`."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(GOOD / "sources.yaml", folder)
    (folder / "team.yaml").write_text(TEAM + more)
    return folder


def oncall(folder: Path, *arguments: str) -> Result:
    """`oncall` on the handbook in `folder`."""
    return CliRunner().invoke(main, ["--handbook", str(folder), *arguments], catch_exceptions=False)


def refused(result: Result) -> list[str]:
    """The lines of a refusal, which is an exit with 1 and nothing on the output."""
    assert (1, "") == (result.exit_code, result.stdout), result.output
    lines = result.stderr.splitlines()
    assert "Nothing was written." == lines[-1]
    return lines[:-1]
