"""A ledger opened in a process of its own, to be killed or raced: `python -m … URL DIES SIGNALS`.

It waits for a line on its standard input, opens the ledger, records that many failures and prints how many of them
were news. It kills itself after the first statement that begins with DIES.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from sqlalchemy import Engine, event

from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets_tests.incidents.ledger.entries import failed, write


def main(url: str, dies: str, signals: str) -> None:
    def die(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if dies and statement.lstrip().startswith(dies):
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "after_cursor_execute", die)
    print("ready", flush=True)
    sys.stdin.readline()
    with Ledger(url) as ledger:
        failures = [failed(number, f"asset_{number % 7}") for number in range(int(signals))]
        print(len(write(ledger, *failures)))


if __name__ == "__main__":
    main(*sys.argv[1:])
