"""A page to send, full of everything a page can have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from oncall_assets.notify.message import Affected, Link, Page, Person

FULL = Page(
    incident=12,
    key="check aggregate_profit:completeness @ 2026-10-03",
    title="completeness failed on aggregate_profit",
    severity="critical",
    what="check completeness of asset aggregate_profit",
    finding="71 of 100 rows of the accounting filing are there.",
    observed="0.71",
    threshold="at least 0.99",
    partition="2026-10-03",
    sample="record_id  amount_cents\nr-17       1999\nr-18       -",
    happened_at=datetime(2026, 10, 4, 3, 12, tzinfo=UTC),
    told_at=datetime(2026, 10, 4, 3, 14, tzinfo=UTC),
    primary=Person(key="alice", name="Alice Johnson", timezone="America/New_York"),
    because=("turn 40 of the rotation, from Mon 2026-09-28 09:00 to Mon 2026-10-05 09:00 America/New_York",),
    secondary=Person(key="bob", name="Bob Smith", timezone="Europe/London"),
    respond=timedelta(hours=1),
    resolve=timedelta(hours=4),
    pipeline="aggregate_profit",
    audience="investors",
    owners=("Bob Smith", "Alice Johnson"),
    affected=(Affected(asset="investor_report", investors=True), Affected(asset="dashboard", investors=False)),
    more_affected=3,
    not_computed=("weekly_profit",),
    runbook="runbooks/aggregate_profit.md",
    steps=("2. Compare the filing with the landed rows.", "3. Land the missing file again.", "4. Re-run the day."),
    links=(
        Link(
            title="Check", url="http://127.0.0.1:3000/assets/aggregate_profit?view=checks&checkDetail=completeness"
        ),
        Link(title="Run", url="http://127.0.0.1:3000/runs/5f0c"),
    ),
)
