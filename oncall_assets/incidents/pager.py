"""The sensor that pages, on by default, because a pager that must be switched on is found to be off at 02:00."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime

import dagster as dg

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.home import dagster_url, ledger_url
from oncall_assets.handbook.team import Team
from oncall_assets.incidents.current import CurrentHandbook
from oncall_assets.incidents.ledger import Ledger
from oncall_assets.incidents.lineage import Lineage
from oncall_assets.incidents.page import Desk
from oncall_assets.incidents.slack_resource import SlackAt
from oncall_assets.incidents.tick import Round
from oncall_assets.notify.channel import Channel
from oncall_assets.notify.console import Console
from oncall_assets.notify.slack import Slack


def build_pager(handbook: Handbook, *, minimum_interval_seconds: int = 5) -> dg.SensorDefinition:
    """A plain sensor with a cursor of its own: one that raises keeps it, where a run-status sensor loses it."""
    book = CurrentHandbook(handbook)

    @dg.sensor(
        name="oncall_pager",
        minimum_interval_seconds=minimum_interval_seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Pages the engineer on call for failed checks and runs. Reset its cursor to start from now.",
    )
    def oncall_pager(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        if context.repository_def is None:
            raise dg.DagsterInvariantViolationError("the pager was evaluated outside a code location")
        current, rota = book.look(context.log.error)
        desk = Desk(current, Lineage(context.repository_def.asset_graph), dagster_url(), rota)
        console = Console(lambda page: context.log.info(f"\n{page}"))
        channels = channels_of(current.team, console, context.log.warning)
        with Ledger(ledger_url()) as ledger:
            tick = Round(context.instance, desk, ledger, channels, console).tick(context.cursor, datetime.now(UTC))
        for trouble in tick.delivered.troubles:
            context.log.error(trouble)
        return dg.SensorResult(cursor=tick.cursor, skip_reason=dg.SkipReason(str(tick)))

    return oncall_pager


def channels_of(team: Team, console: Console, warn: Callable[[str], None]) -> list[Channel]:
    """The channels of `team.yaml` that can be used now; `warn` hears of one that cannot."""
    channels: list[Channel] = [console] if team.channels.console else []
    if slack := team.channels.slack:
        if token := os.environ.get(slack.token_env):
            members = {key: engineer.slack for key, engineer in team.engineers.items() if engineer.slack}
            channels.append(Slack(SlackAt(token=token, base_url=slack.base_url).get_client(), members))
        else:
            warn(f"{slack.token_env} is not set, so Slack is not used")
    return channels
