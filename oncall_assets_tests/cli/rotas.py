"""A rota as the command line tells and changes it, as tests read it."""

from __future__ import annotations

import json
from pathlib import Path

from oncall_assets_tests.cli.company import oncall

# Turn 17 is bob's with carol, and david goes on vacation in it.
GONE = "away: [{who: david, from: 2026-05-05, to: 2026-05-06, why: vacation}]\n"


def text(folder: Path) -> str:
    return (folder / "team.yaml").read_text()


def serve(folder: Path, at: str) -> tuple[str, str]:
    found = json.loads(oncall(folder, "who", "--at", at, "--json").stdout)
    return found["primary"], found["secondary"]


def cells(output: str) -> list[list[str]]:
    """The rows of the table, below its rule."""
    lines = [line.strip() for line in output.splitlines()]
    rule = next(number for number, line in enumerate(lines) if line.startswith("─"))
    rows = lines[rule + 1 : lines.index("", rule)]
    return [[cell.strip() for cell in row.split("   ") if cell.strip()] for row in rows]
