"""An edition sent by a process of its own, to be killed or raced: `python -m … URL PORT AT DIES`.

It waits for a line on its standard input before it begins, and prints what it found: Won, Busy or Done. AT is the
instant it takes for the present. DIES says where it kills itself: `begun` is before its first copy, `claimed` when
it has claimed one, `taken` when the server has said that it took one, `recorded` when that is in the ledger.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime

from oncall_assets.incidents.ledger.database import Database
from oncall_assets.incidents.ledger.edition_records import Won
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.notify.smtp import Mailer
from oncall_assets.reports.post import send
from oncall_assets_tests.reports.posting import begun, mail, mailer

_DIES = sys.argv[4] if __name__ == "__main__" else ""


def _perhaps_die(here: str) -> None:
    if here == _DIES:
        os.kill(os.getpid(), signal.SIGKILL)


class DeadlyBook(EditionBook):
    def copy_sent(self, copy_id: int, now: datetime) -> None:
        _perhaps_die("taken")
        super().copy_sent(copy_id, now)
        _perhaps_die("recorded")


class DeadlyMailer(Mailer):
    def send(self, data: bytes, recipient: str) -> None:
        _perhaps_die("claimed")
        super().send(data, recipient)


def main(url: str, port: str, at: datetime) -> None:
    with Database(url) as database:
        book = DeadlyBook(database)
        print("ready", flush=True)
        sys.stdin.readline()
        claimed = begun(book, at, f"run {os.getpid()}")
        _perhaps_die("begun")
        if isinstance(claimed, Won):
            send(book, claimed.edition, mail, mailer(int(port), DeadlyMailer), lambda: at)
        print(type(claimed).__name__)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3]))
