"""Putting notices of the rota into the outbox, apart from the pages, which no fault in them may hold up."""

from __future__ import annotations

from datetime import datetime, timedelta

from oncall_assets.incidents.case import Desk
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.notices import Past, change_notices, turn_notices
from oncall_assets.incidents.tell import Teller

# How far back the incidents of the turn before may reach.
_LAST_TURN = timedelta(weeks=4)


def write_notices(desk: Desk, ledger: Ledger, teller: Teller, now: datetime) -> tuple[str, ...]:
    """Write the notices whose time has come; says what went wrong with that."""
    if desk.handbook.team.notices is None:
        return ()
    try:
        _write(desk, ledger, teller, now)
    except Exception as error:  # noqa: BLE001 - no fault in a notice may hold up a page or the cursor
        return (f"the notices of the rota were not written: {type(error).__name__}: {error}",)
    return ()


def _write(desk: Desk, ledger: Ledger, teller: Teller, now: datetime) -> None:
    since = now - _LAST_TURN
    past = Past(ledger.history(since), ledger.notes(since))
    handbook, rota = desk.handbook, desk.rota
    notices = [*turn_notices(handbook, rota, past, now), *change_notices(handbook, rota, now)]
    told = ledger.posted([notice.id for notice in notices])
    new = [notice for notice in notices if notice.id not in told]
    if not new:
        return
    with ledger.writing() as pen:
        for notice in new:
            teller.notify(pen, notice, now)
