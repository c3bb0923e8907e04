"""`oncall issues` on what can go wrong with a report: it belongs to the runbook that promises the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncall_assets_tests.cli.night import now
from oncall_assets_tests.cli.test_issues import RUNBOOK, fired, night_of, trouble

FEARS = """\
  unsent: {what: The report is not sent., detected_by: [edition held, edition in doubt]}
  changed: {what: What was sent changes., detected_by: figure restated}
reports:
  - {name: daily, title: Profit, period: day, due: {at: "06:00"}, of: aggregate_profit, to: [stakeholders],
     figures: [{column: profit_cents, name: Profit, metric: profit}]}
checks:
"""


@pytest.mark.parametrize(
    ("kind", "asset", "expected"),
    [
        ("edition held", "editions/profit_daily", {"unsent": "edition held"}),
        ("edition in doubt", "editions/profit_daily", {"unsent": "edition in doubt"}),
        ("figure restated", "editions/profit_daily", {"changed": "figure restated"}),
        ("edition held", "editions/growth_weekly", {}),
        ("edition held", "aggregate_profit", {}),
    ],
)
def test_what_joined_anothers_incident_counts_for_the_report_it_was_about(
    book: Path, kind: str, asset: str, expected: dict[str, str]
) -> None:
    (book / "profit.md").write_text(RUNBOOK.replace("checks:\n", FEARS, 1))
    night_of(trouble(kind, now(), asset))
    assert expected == fired(book)
