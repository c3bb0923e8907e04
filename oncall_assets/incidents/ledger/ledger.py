"""What happened and who was told, kept in SQL so that a crash at any point loses neither."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from oncall_assets.incidents.ledger.history import History
from oncall_assets.incidents.ledger.outbox import Outbox
from oncall_assets.incidents.ledger.pen import Pen
from oncall_assets.incidents.ledger.people import People
from oncall_assets.incidents.ledger.records import IncidentLine, LedgerError, Letter

__all__ = ["IncidentLine", "Ledger", "LedgerError", "Letter", "Pen"]


class Ledger(Outbox, People, History):
    """Incidents, decisions and the outbox; several threads may use it at once.

    Opening it brings its tables up to date, closing it lets go of the database. Raises LedgerError.
    """

    @contextmanager
    def writing(self) -> Iterator[Pen]:
        """All that is written inside is committed together or not at all; one writer at a time."""
        with self.transaction() as connection:
            yield Pen(connection)
