"""An edition sent by a process of its own, to be killed or raced: `python -m … URL RUN BOX DIES`.

It waits for a line on its standard input, begins the edition, and sends each copy as a line in the file BOX. With
`before` as its last argument it kills itself after it took the first copy, with `between` after it sent that, with
`no` not at all. It prints how it ended: `Won sent`, `Busy`, `Done`.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from oncall_assets.incidents.ledger.edition_records import Won
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets_tests.incidents.ledger.edition_entries import MINUTE, new_edition

PEOPLE = ("ann", "ben", "cid")


def main(url: str, run_id: str, box: str, at: str, dies: str) -> None:
    now = datetime.fromisoformat(at)
    with Ledger(url) as ledger:
        book = EditionBook(ledger)
        print("ready", flush=True)
        sys.stdin.readline()
        claimed = book.begin(new_edition(*PEOPLE), run_id, now, now + 5 * MINUTE)
        if not isinstance(claimed, Won):
            print(type(claimed).__name__)
            return
        for copy in claimed.edition.copies:
            if not book.claim_copy(copy.id, now, now + 5 * MINUTE):
                continue
            if dies == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            with Path(box).open("a") as out:
                out.write(f"{copy.address}\n")
            if dies == "between":
                os.kill(os.getpid(), signal.SIGKILL)
            book.copy_sent(copy.id, now)
        print("Won", book.finish(claimed.edition.id, now).state)


if __name__ == "__main__":
    main(*sys.argv[1:])
