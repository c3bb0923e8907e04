"""Whether the ledger can be read and written, and whether pages lie in it that should have gone out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from oncall_assets.handbook.escalation import Watch
from oncall_assets.incidents.audits.finding import Finding, Sight, reason_of
from oncall_assets.incidents.ledger.database import missing_file
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.ledger.records import Letter
from oncall_assets.notify.message import length

_LISTED = 5

# Each makes the database write a record of its own and changes nothing that anybody reads.
_WRITES = {"sqlite": "PRAGMA user_version = 0", "postgresql": "SELECT txid_current()"}


class OutboxLook:
    """Opens the ledger at `url` as the pager does, but never makes one: that would hide that it is elsewhere."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, watch: Watch, now: datetime) -> Sight:
        try:
            if missing := missing_file(self._url):
                return _unusable(f"{missing} is no file; the pager makes it at its first tick")
            with Ledger(self._url) as ledger:
                letters = ledger.overdue(now - watch.overdue)
                with ledger.transaction() as connection:
                    connection.exec_driver_sql(_WRITES[connection.dialect.name])
        except Exception as error:  # noqa: BLE001 - whatever it is, the pager meets it too
            return _unusable(reason_of(error))
        return Sight(tuple(_overdue(letters, now)))


def _unusable(why: str) -> Sight:
    return Sight((Finding("ledger", "The ledger cannot be used", why),), frozenset({"outbox"}))


def _overdue(letters: Sequence[Letter], now: datetime) -> list[Finding]:
    if not letters:
        return []
    oldest = min(letter.created_at for letter in letters)
    whom = [
        f"{person} ({channel})" for person, channel in dict.fromkeys((one.person, one.channel) for one in letters)
    ]
    more = f" and {len(whom) - _LISTED} more" if len(whom) > _LISTED else ""
    detail = f"The oldest has waited {length(now - oldest)}; for {', '.join(whom[:_LISTED])}{more}."
    title = f"Messages do not go out: {len(letters)} wait in the outbox"
    return [Finding("outbox", title, detail, ("daemon", "pager", "events"))]
