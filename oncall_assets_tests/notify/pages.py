"""A message of each kind to send, full of everything that such a message can have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from oncall_assets.notify.message import Affected, Digest, Link, Notice, Page, Person, Update

ALICE = Person(key="alice", name="Alice Johnson", timezone="America/New_York")
WRITTEN = datetime(2026, 10, 4, 3, 14, tzinfo=UTC)

FULL = Page(
    id="incident 12/1.1 on_call.primary/alice",
    dedup="oncall-5f0c6a7b8c9d-12",
    incident=12,
    to=ALICE,
    why="the primary on call",
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
    told_at=WRITTEN,
    primary=ALICE,
    because=("turn 40 of the rotation, from Mon 2026-09-28 09:00 to Mon 2026-10-05 09:00 America/New_York",),
    secondary=Person(key="bob", name="Bob Smith", timezone="Europe/London"),
    respond=timedelta(hours=1),
    resolve=timedelta(hours=4),
    respond_by=WRITTEN + timedelta(hours=1),
    resolve_by=WRITTEN + timedelta(hours=4),
    repeats=41,
    others=("investor_report:complete @ 2026-10-03", "job:nightly"),
    more_others=2,
    pipeline="aggregate_profit",
    audience="investors",
    owners=("Bob Smith", "Alice Johnson"),
    affected=(Affected(asset="investor_report", investors=True), Affected(asset="dashboard", investors=False)),
    more_affected=3,
    not_computed=("weekly_profit",),
    not_judged=("weekly_profit:trend",),
    runbook="runbooks/aggregate_profit.md",
    steps=("2. Compare the filing with the landed rows.", "3. Land the missing file again.", "4. Re-run the day."),
    links=(
        Link(
            title="Check", url="http://127.0.0.1:3000/assets/aggregate_profit?view=checks&checkDetail=completeness"
        ),
        Link(title="Run", url="http://127.0.0.1:3000/runs/5f0c"),
    ),
)

RESOLVED = Update(
    id="incident 12/1 resolved/alice",
    dedup=FULL.dedup,
    incident=12,
    to=ALICE,
    what="resolved",
    severity="critical",
    title=FULL.title,
    rows=(("By", "a check that passes again"), ("After", "1 h 20 min")),
    told_at=WRITTEN + timedelta(minutes=80),
)

ACKNOWLEDGED = RESOLVED.model_copy(
    update={"id": "incident 12/1 acknowledged/alice", "what": "acknowledged", "rows": (("By", "Bob Smith"),)}
)

HANDOFF = Notice(
    id="turn 2026-10-05 primary alice",
    to=ALICE,
    title="You are on call (primary) in 1 d, from 2026-10-05 13:00 UTC (Mon 09:00 America/New_York)",
    rows=(("With", "Bob Smith"), ("Note", "the filing is late this month"), ("Note", "ask Finance, not IT")),
    told_at=WRITTEN,
)

STORM = Digest(
    id="digest alice 2026-10-04T03:14",
    to=ALICE,
    title="14 messages at once",
    lines=("#12 critical: completeness failed on aggregate_profit (2026-10-03)", "#13 minor: Run failed: growth"),
    more=12,
    told_at=WRITTEN,
)
