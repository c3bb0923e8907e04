"""A handbook with a promise or two, for what looks whether they were kept."""

from __future__ import annotations

from pathlib import Path

from oncall_assets.handbook import Handbook, load_handbook

_TEAM = """
team: data
timezone: America/New_York
engineers:
  ann: {name: Ann Archer, email: ann@example.com, region: US-NY, timezone: America/New_York}
  ben: {name: Ben Baker, email: ben@example.com, region: US-NY, timezone: America/New_York}
pipelines:
  profit: {assets: "key:profit", primary: ben, secondary: [ann], metric_owner: f@example.com,
           audience: stakeholders, because: knows the ledger}
rotation: {turn: 1 week, handoff: monday 09:00, start: 2026-01-05, order: [[ann, ben], [ben, ann]]}
severities:
  critical: {respond: 1h, resolve: 4h}
  major: {respond: 2h, resolve: 8h}
  minor: {respond: 4h, resolve: 24h}
channels: {console: {}}
audiences: {stakeholders: [all@example.com]}
"""

_RUNBOOK = """---
purpose: Tells what is earned.
metrics: [{{name: profit, means: what is left, calculation: revenue - cost}}]
frequency: daily
sla: [by 06:00]
severity: critical
deadlines: {deadlines}
issues: {{late: {{what: it does not come, detected_by: asset late}}}}
---
## Procedure
1. Look at the run.
"""


def handbook(folder: Path, *, deadlines: str = "[]", sources: str = "{}", team: str = "") -> Handbook:
    """The handbook written to `folder`, with these parts of its runbook, of sources.yaml and of team.yaml."""
    folder.mkdir(exist_ok=True)
    (folder / "team.yaml").write_text(_TEAM + team)
    (folder / "profit.md").write_text(_RUNBOOK.format(deadlines=deadlines))
    (folder / "sources.yaml").write_text(f"first_day: 2026-01-01\nsources: {sources}\n")
    return load_handbook(folder, frozenset(["revenue_records"] if "revenue_records" in sources else []))
