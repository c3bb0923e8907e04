"""One tick in a process of its own, to be killed or raced: `python -m … HOME FOLDER LEDGER SLACK CURSOR DIES`.

It waits for a line on its standard input before it starts. With `deciding` as its last argument it kills itself
inside the transaction, with `telling` before its first request, with `no` not at all.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

import dagster as dg

from oncall_assets.incidents.case import Desk
from oncall_assets.incidents.delivery.courier import Courier
from oncall_assets.incidents.delivery.slack_resource import SlackAt
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.lineage import Lineage
from oncall_assets.incidents.tell import Teller
from oncall_assets.incidents.tick import Round
from oncall_assets.notify.console import Console
from oncall_assets.notify.message import Affected, Message
from oncall_assets.notify.slack import Slack
from oncall_assets.rota import Rota
from oncall_assets_tests.incidents.company import ASSETS, handbook
from oncall_assets_tests.incidents.conftest import NOW, PATIENCE


class DeadlyLineage(Lineage):
    def downstream(self, assets: Iterable[str]) -> list[Affected]:
        os.kill(os.getpid(), signal.SIGKILL)
        return super().downstream(assets)


class DeadlySlack(Slack):
    def send(self, message: Message, person: str, thread: str | None) -> str | None:
        os.kill(os.getpid(), signal.SIGKILL)
        return super().send(message, person, thread)


def main(home: str, folder: str, ledger_url: str, slack_url: str, cursor: str, dies: str) -> None:
    graph = dg.Definitions(assets=ASSETS).resolve_asset_graph()
    lineage = (DeadlyLineage if dies == "deciding" else Lineage)(graph)
    client = SlackAt(token="xoxb-test", base_url=slack_url).get_client()
    slack = (DeadlySlack if dies == "telling" else Slack)(client, {"ann": "U01ANN"})
    book = handbook(Path(folder))
    desk = Desk(book, lineage, "http://dagster.example", Rota(book))
    with dg.DagsterInstance.from_config(home) as instance, Ledger(ledger_url) as ledger:
        print("ready", flush=True)
        sys.stdin.readline()
        console = Console(print)
        courier = Courier(ledger, [slack], console, book.team.limits)
        made = Round(instance, desk, ledger, courier, Teller(ledger, [slack], console), patience=PATIENCE)
        print(made.tick(cursor, NOW))


if __name__ == "__main__":
    main(*sys.argv[1:])
