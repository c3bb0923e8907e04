"""The default handbook with few of its checks and a small company, for tests that compute a month of nights."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
# What a month of reports rests on: records that are lost or repeated are found, and so is a figure that is stale.
KEPT: Mapping[str, frozenset[str]] = {
    "aggregate_profit": frozenset(
        {"revenue_complete", "revenue_records_unique", "as_profit_stands", "published_as_computed"}
    ),
    "aggregate_growth": frozenset({"as_promised"}),
    "aggregate_engagement": frozenset({"as_promised"}),
    "investor_report": frozenset({"covered", "published_as_computed"}),
}
_HEARD = "Whoever reads the report says so."


def lean(home: Path, accounts: int, first_day: date, last_day: date, team: Mapping[str, Any]) -> Path:
    """The folder of a handbook in `home`; `team` has fields of team.yaml that are other than the default's."""
    folder = home / "runbooks"
    shutil.copytree(ROOT / "runbooks", folder, ignore=shutil.ignore_patterns("published"))
    shutil.copy(ROOT / "constraints.txt", home)
    for runbook in folder.glob("*.md"):
        if runbook.stem in KEPT:
            runbook.write_text(_thinned(runbook.read_text(), KEPT[runbook.stem]))
        else:
            runbook.unlink()
    sources = re.sub(r"accounts: \d+", f"accounts: {accounts}", (folder / "sources.yaml").read_text())
    days = f"first_day: {first_day}\nlast_day: {last_day}"
    # Nobody is asked why a source is silent: the nights of the tests are run by hand.
    sources = re.sub(r", arrives_by: \"[0-9:]+\"(, tell: \w+)?", "", re.sub("first_day: .*", days, sources))
    (folder / "sources.yaml").write_text(sources)
    written = _yaml().load((folder / "team.yaml").read_text())
    (folder / "team.yaml").write_text(_dumped({**written, **team}))
    return folder


def _thinned(text: str, kept: frozenset[str]) -> str:
    """The runbook with these checks, two figures a report, no actions, and nothing that comes by itself."""
    _, front, body = text.split("---\n", 2)
    written = _yaml().load(front)
    written["checks"] = [check for check in written["checks"] if check["name"] in kept]
    guarded = {issue for check in written["checks"] for issue in check["guards"]}
    for name, issue in written["issues"].items():
        if name not in guarded and "detected_by" not in issue:
            issue.setdefault("by_hand", _HEARD)
    for report in written["reports"]:
        # Each has a picture, which takes a tenth of a second.
        report["figures"] = report["figures"][:2]
    for field in ("watch", "actions", "deadlines"):
        written.pop(field, None)
    return f"---\n{_dumped(written)}---\n{body}"


def _yaml() -> YAML:
    return YAML(typ="safe", pure=True)


def _dumped(tree: Any) -> str:
    stream = io.StringIO()
    yaml = YAML()
    yaml.dump(tree, stream)
    return stream.getvalue()
