"""Putting the digests of watches into the outbox, apart from the pages, which no fault in them may hold up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from dagster import DagsterInstance

from oncall_assets.handbook.labels import INVESTORS
from oncall_assets.incidents.case import Desk
from oncall_assets.incidents.digest import Due, Looked, digest_notice, due_digests
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.ledger.records import IncidentRecord
from oncall_assets.incidents.policy.recipients import can_be_told, everyone, shift_at
from oncall_assets.incidents.signals.watched import WatchRun, judgements, watch_runs
from oncall_assets.incidents.tell import Teller
from oncall_assets.notify.message import Person
from oncall_assets.rota.watching import RunbookWatch, watches, watches_at

# A pager that was down over a long weekend still tells; what is older is no news.
_BACK = timedelta(days=4)


def write_digests(
    instance: DagsterInstance, desk: Desk, ledger: Ledger, teller: Teller, since: datetime, now: datetime
) -> tuple[str, ...]:
    """Write the digests whose time has come; says what went wrong with that.

    Watches of instants before `since`, when the pager began to watch, are not told.
    """
    try:
        _write(instance, desk, ledger, teller, since, now)
    except Exception as error:  # noqa: BLE001 - no fault in a digest may hold up a page or the cursor
        return (f"the digests of watches were not written: {type(error).__name__}: {error}",)
    return ()


def _write(
    instance: DagsterInstance, desk: Desk, ledger: Ledger, teller: Teller, since: datetime, now: datetime
) -> None:
    known = {one.key: one for one in watches(desk.handbook)}
    runs = [run for run in watch_runs(instance, known, now - _BACK) if run.instant >= since]
    due = list(_due(runs, desk, now))
    told = ledger.posted([one.id for one in due])
    for one in due:
        if one.id not in told:
            opened = ledger.incidents(None, open_only=True)
            looked = [_looked(instance, desk, opened, known[key], run) for key, run in one.runs.items()]
            _put(one.id, looked, desk, ledger, teller, now)


def _due(runs: list[WatchRun], desk: Desk, now: datetime) -> Iterator[Due]:
    by_instant: defaultdict[datetime, list[WatchRun]] = defaultdict(list)
    for run in runs:
        by_instant[run.instant].append(run)
    for instant, theirs in by_instant.items():
        expected = [one.key for one in watches_at(desk.handbook, instant)]
        yield from due_digests(instant, expected, theirs, now)


def _looked(
    instance: DagsterInstance,
    desk: Desk,
    opened: Sequence[IncidentRecord],
    watch: RunbookWatch,
    run: WatchRun | None,
) -> Looked:
    pipeline, words = watch.runbook.pipeline, watch.planned.words
    if run is None:
        return Looked(pipeline, words)
    judged = judgements(instance, run.run_id) if run.ended_at else None
    assets = {one.asset for one in judged or ()}
    return Looked(
        pipeline,
        words,
        days=run.days,
        judged=judged,
        open=[f"#{one.number} {one.severity}: {one.title}" for one in opened if one.pipeline == pipeline],
        url=f"{desk.dagster_url}/runs/{quote(run.run_id, safe='')}",
        investors={asset for asset in assets if desk.lineage.about(asset).audience == INVESTORS},
    )


def _put(name: str, looked: list[Looked], desk: Desk, ledger: Ledger, teller: Teller, now: datetime) -> None:
    shift = shift_at(desk.rota, now)
    found = (shift.primary,) if shift and can_be_told(shift.primary, desk.handbook, now) else ()
    with ledger.writing() as pen:
        # Another pager may have told it meanwhile, and whoever was on call a moment ago.
        if not ledger.posted([name]):
            for person in found or everyone(desk.handbook, now):
                teller.notify(pen, digest_notice(name, looked, Person.of(desk.handbook.team, person), now), now)
