"""One courier's round in a process of its own, to be killed: `python -m … LEDGER SLACK`."""

from __future__ import annotations

import sys

from oncall_assets.incidents.delivery.courier import Courier
from oncall_assets.incidents.delivery.slack_resource import SlackAt
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.notify.console import Console
from oncall_assets.notify.slack import Slack
from oncall_assets_tests.incidents.delivery.posting import NOW, PATIENCE, UNLIMITED


def main(ledger_url: str, slack_url: str) -> None:
    client = SlackAt(token="xoxb-test", base_url=slack_url).get_client()
    with Ledger(ledger_url) as ledger:
        courier = Courier(ledger, [Slack(client, {"ann": "U01ANN"})], Console(print), UNLIMITED)
        print(courier.round(NOW, PATIENCE))


if __name__ == "__main__":
    main(*sys.argv[1:])
