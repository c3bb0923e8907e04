"""The default handbook with a rota that a test is about."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.metrics.contracts import LANDED
from oncall_assets_tests.pipelines.handbooks import DEFAULT

# What the default handbook may say of these is not what a test is about.
_OURS = re.compile(r"^(?:publish|holidays|swaps|away|changes|volunteers):.*\n(?:[ -].*\n)*", re.MULTILINE)


def handbook_plus(folder: Path, more: str = "", *edits: tuple[str, str]) -> Handbook:
    """The default handbook in `folder`, `edits` made in its team.yaml and `more` at the end of it.

    What is published in the folder stays there.
    """
    if not folder.exists():
        shutil.copytree(DEFAULT, folder, ignore=shutil.ignore_patterns("published"))
        for runbook in folder.glob("*.md"):
            # An hour of the morning is too early for a report in zones far to the east.
            runbook.write_text(re.sub(r'(due: {on: .*at:) "0[0-9]', r'\1 "12', runbook.read_text()))
    text = _OURS.sub("", (DEFAULT / "team.yaml").read_text())
    for old, new in edits:
        assert old in text, f"{old!r} is not in team.yaml"
        text = text.replace(old, new)
    (folder / "team.yaml").write_text(f"{text}\n{more}")
    return load_handbook(folder, frozenset(LANDED))
