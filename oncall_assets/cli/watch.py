"""`oncall watch`: the watchdog, run outside Dagster so that it lives when the pager does not."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from oncall_assets.cli.loading import read
from oncall_assets.handbook.home import dagster_url, ledger_url, state_folder

if TYPE_CHECKING:
    from oncall_assets.incidents.audits.auditor import Auditor, Places

_SHORTEST, _LONGEST = timedelta(seconds=1), timedelta(minutes=5)

# A message that is being sent may take so long; whoever is told twice because of a hurry learns nothing from it.
_LAST_WORDS_SECONDS = 15.0

_POLL_SECONDS = 0.1


class Every(click.ParamType[timedelta]):
    """A time between rounds such as 30s or 2m."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        match = re.fullmatch(r"([0-9]{1,4}) ?([sm])", value)
        if match is None:
            self.fail(f"{value!r} is no duration; expected one such as 30s or 2m", param, ctx)
        every = timedelta(seconds=int(match[1]) * (60 if match[2] == "m" else 1))
        if not _SHORTEST <= every <= _LONGEST:
            self.fail(f"{value!r} is out of range; expected 1s to 5m", param, ctx)
        return every


@click.command()
@click.option("--once", is_flag=True, help="Look once, print what is wrong, and end with 1 if anything is.")
@click.option("--page", is_flag=True, help="With --once: tell the engineer on call too, at the first look.")
@click.option("--every", type=Every(), default="30s", show_default=True, help="The time between two rounds.")
@click.option("--web", help="Address of Dagster's web server for the watchdog. By default ONCALL_DAGSTER_URL.")
@click.pass_obj
def watch(folder: Path, once: bool, page: bool, every: timedelta, web: str | None) -> None:
    """Watch the pager from outside, and page past it when it is silent."""
    if page and not once:
        raise click.UsageError("--page goes with --once; without it the watchdog always pages")
    places = _places(folder, web or dagster_url())
    from oncall_assets.incidents.audits.auditor import Auditor

    stop = threading.Event()
    if not once:
        _forever(Auditor(places, _log, stop), stop, every, places)
    elif page:
        sys.exit(1 if Auditor(places, _log, stop, looks=1).round(datetime.now(UTC)) else 0)
    else:
        sys.exit(_look(Auditor(places, _log, stop)))


def _look(auditor: Auditor) -> int:
    sight = auditor.look(datetime.now(UTC))
    findings = sight.findings if sight else ()
    for finding in findings:
        click.echo(f"{finding.title}\n  {finding.detail}")
    if not findings:
        click.echo("All is well: the daemon, the pager, the code locations, the ledger and the handbook.")
    return 1 if findings else 0


def _forever(auditor: Auditor, stop: threading.Event, every: timedelta, places: Places) -> None:
    """Rounds in a thread of their own until a signal comes, which ends them at once, whatever they wait for."""
    caught: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        # It only takes note: a handler that rings an event may interrupt whoever holds the event's lock.
        signal.signal(number, lambda received, _: caught.append(received))
    rounds = threading.Thread(target=_rounds, args=(auditor, stop, every), name="rounds", daemon=True)
    heartbeat = "with" if places.heartbeat else "without"
    _log(
        f"watching {places.web} and {os.environ['DAGSTER_HOME']} every {every.seconds} s, {heartbeat} a heartbeat"
    )
    rounds.start()
    while rounds.is_alive() and not caught:
        rounds.join(_POLL_SECONDS)
    if not caught:
        raise click.ClickException("the watchdog's rounds broke off")
    stop.set()
    auditor.interrupt()
    rounds.join(_LAST_WORDS_SECONDS)
    _log(f"ended by {signal.Signals(caught[0]).name}")


def _rounds(auditor: Auditor, stop: threading.Event, every: timedelta) -> None:
    while not stop.is_set():
        try:
            auditor.round(datetime.now(UTC))
        except Exception as error:  # noqa: BLE001 - a watchdog that dies of one bad round sees nothing any more
            _log(f"a round broke off, and gave no heartbeat: {type(error).__name__}: {error}")
        stop.wait(every.total_seconds())


def _places(folder: Path, web: str) -> Places:
    """What the environment says, or the end of the command with 2."""
    if not os.environ.get("DAGSTER_HOME"):
        raise click.UsageError(
            "DAGSTER_HOME is not set; expected the folder of the instance that is to be watched"
        )
    if not web.startswith(("https://", "http://")):
        raise click.UsageError(f"{web!r} is no web address; expected one such as http://127.0.0.1:3000")
    from oncall_assets.incidents.audits.auditor import Places
    from oncall_assets.incidents.audits.heartbeat import heartbeat_url

    try:
        heartbeat = heartbeat_url()
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return Places(folder, read, web.rstrip("/"), ledger_url(), state_folder(), heartbeat)


def _log(text: str) -> None:
    click.echo(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z {text}")
