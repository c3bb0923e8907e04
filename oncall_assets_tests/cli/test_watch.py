"""`oncall watch` as it is run: by hand, from a timer, and as a service that is started, stopped and killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner, Result

from oncall_assets.cli.watch import _rounds, watch
from oncall_assets.incidents.audits.auditor import Auditor
from oncall_assets.incidents.audits.finding import Finding
from oncall_assets_tests.cli.company import handbook
from oncall_assets_tests.incidents.audits.world import (
    Pager,
    WebServer,
    beat,
    dagster_home,
    empty_ledger,
    environment,
    web_server,
)
from oncall_assets_tests.slack_server import SlackServer, slack_server

PATIENCE = 60.0
MEMBERS = {"U01ALICE", "U01BOB", "U01CAROL", "U01DAVID"}
UNKNOWN = "Dagster's web server does not answer as it should"

# An hour ahead, so that no test is slow enough to find daemon and pager silent.
AHEAD = timedelta(hours=1)


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with slack_server() as server:
        yield server


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, slack: SlackServer, web: WebServer) -> dict[str, str]:
    """An environment in which all is well, and the handbook that belongs to it."""
    home = dagster_home(tmp_path / "dagster")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        beat(instance, datetime.now(UTC) + AHEAD)
        Pager(instance).tick(datetime.now(UTC) + AHEAD)
    (tmp_path / "state").mkdir()
    empty_ledger(tmp_path / "state")
    team = handbook(tmp_path / "handbook") / "team.yaml"
    text = team.read_text().replace("{console: {}}", f"{{console: {{}}, slack: {{base_url: '{slack.url}'}}}}")
    for name in ("alice", "bob", "carol", "david"):
        text = text.replace(f"email: {name}@example.com,", f"email: {name}@example.com, slack: U01{name.upper()},")
    team.write_text(text)
    return {
        "DAGSTER_HOME": str(home),
        "ONCALL_HOME": str(tmp_path / "state"),
        "ONCALL_DATABASE_URL": "",
        "ONCALL_DAGSTER_URL": web.url,
        "ONCALL_HEARTBEAT_URL": f"{web.url}/ping/secret-uuid",
        "ONCALL_SLACK_TOKEN": "xoxb-of-the-watchdog",
    }


@pytest.fixture
def call(tmp_path: Path, settings: dict[str, str]) -> Callable[..., Result]:
    def invoke(*arguments: str, **more: str) -> Result:
        return CliRunner().invoke(
            watch, arguments, obj=tmp_path / "handbook", env=settings | more, catch_exceptions=False
        )

    return invoke


@contextmanager
def service(folder: Path, settings: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The watchdog in a process of its own, a round each second."""
    code = "from oncall_assets.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "--handbook", str(folder / "handbook"), "watch", "--every", "1s"],
        env=environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=30)


def wait_for(process: subprocess.Popen[str], found: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not found():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < end
        # A poll of another process, bounded above: there is nothing to be notified by.
        time.sleep(0.05)


def end(process: subprocess.Popen[str], by: signal.Signals = signal.SIGTERM) -> list[str]:
    """What it wrote, line by line without the time, once it has ended by itself."""
    process.send_signal(by)
    output, _ = process.communicate(timeout=PATIENCE)
    assert 0 == process.returncode, output
    return [line.partition("Z ")[2] for line in output.splitlines()]


def test_one_look_at_a_world_that_is_well_ends_with_0_and_gives_no_heartbeat(
    call: Callable[..., Result], web: WebServer
) -> None:
    result = call("--once")
    expected = "All is well: the daemon, the pager, the code locations, the ledger and the handbook.\n"
    assert (0, expected) == (result.exit_code, result.stdout)
    assert [] == web.beats, "a look by hand must not vouch for a watchdog that may be dead"


def test_one_look_prints_what_is_wrong_ends_with_1_and_tells_nobody(
    call: Callable[..., Result], web: WebServer, slack: SlackServer, tmp_path: Path
) -> None:
    web.status, web.body = 502, b"bad gateway"
    result = call("--once")
    assert 1 == result.exit_code
    assert [
        UNKNOWN,
        f"  {web.url}/graphql answered 502 and no list of code locations.",
    ] == result.stdout.splitlines()
    assert [] == slack.messages
    assert ["ledger.sqlite"] == [path.name for path in (tmp_path / "state").iterdir()], "it leaves nothing behind"


def test_one_look_goes_by_the_times_of_the_handbook(call: Callable[..., Result], tmp_path: Path) -> None:
    with dg.DagsterInstance.from_config(str(tmp_path / "dagster")) as instance:
        beat(instance, datetime.now(UTC) - timedelta(minutes=20))
    assert "has stopped" in call("--once").stdout
    team = tmp_path / "handbook" / "team.yaml"
    team.write_text(f"{team.read_text()}watch: {{silent: 2h}}\n")
    assert 0 == call("--once").exit_code


def test_the_web_server_may_have_another_address_for_the_watchdog(
    call: Callable[..., Result], web: WebServer
) -> None:
    elsewhere = "http://127.0.0.1:9/behind-a-sign-on"
    assert 1 == call("--once", ONCALL_DAGSTER_URL=elsewhere).exit_code
    assert 0 == call("--once", "--web", f"{web.url}/", ONCALL_DAGSTER_URL=elsewhere).exit_code


def test_one_look_from_a_timer_tells_at_once_and_not_again_within_the_hour(
    call: Callable[..., Result], web: WebServer, slack: SlackServer
) -> None:
    assert 0 == call("--once", "--page").exit_code
    assert ["/ping/secret-uuid"] == web.beats
    web.body = b"bad gateway"
    assert [1, 1] == [call("--once", "--page").exit_code for _ in range(2)]
    (message,) = slack.messages
    assert message["channel"] in MEMBERS
    assert 1 == len(web.beats)


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ((), {"DAGSTER_HOME": ""}, "DAGSTER_HOME is not set; expected the folder"),
        ((), {"ONCALL_HEARTBEAT_URL": "hc.example.com/secret-uuid"}, "ONCALL_HEARTBEAT_URL is no web address"),
        ((), {"ONCALL_DAGSTER_URL": "dagster.example"}, "'dagster.example' is no web address"),
        (("--every", "soon"), {}, "'soon' is no duration; expected one such as 30s or 2m"),
        (("--every", "0s"), {}, "'0s' is out of range; expected 1s to 5m"),
        (("--every", "6m"), {}, "'6m' is out of range; expected 1s to 5m"),
        (("--page",), {}, "--page goes with --once"),
    ],
)
def test_what_cannot_be_watched_is_refused_with_2(
    tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str], expected: str
) -> None:
    sound = {"DAGSTER_HOME": str(tmp_path), "ONCALL_DAGSTER_URL": "http://127.0.0.1:9", "ONCALL_HEARTBEAT_URL": ""}
    result = CliRunner().invoke(watch, arguments, obj=tmp_path, env=sound | environment, catch_exceptions=False)
    assert (2, "") == (result.exit_code, result.stdout)
    assert expected in " ".join(result.stderr.split())
    assert "secret-uuid" not in result.stderr


def test_a_service_is_quiet_while_all_is_well_and_gives_heartbeats(
    tmp_path: Path, settings: dict[str, str], web: WebServer
) -> None:
    with service(tmp_path, settings) as process:
        wait_for(process, lambda: len(web.beats) >= 2)
        lines = end(process)
    expected = f"watching {web.url} and {tmp_path / 'dagster'} every 1 s, with a heartbeat"
    assert [expected, "ended by SIGTERM"] == lines


def test_a_service_tells_once_also_when_it_is_killed_and_started_again(
    tmp_path: Path, settings: dict[str, str], web: WebServer, slack: SlackServer
) -> None:
    web.body = b"bad gateway"
    with service(tmp_path, settings) as process:
        wait_for(
            process, lambda: (tmp_path / "state" / "watch.json").exists() and 'paged_at": "' in kept(tmp_path)
        )
        process.send_signal(signal.SIGKILL)
    with service(tmp_path, settings) as process:
        seen = kept(tmp_path)
        wait_for(process, lambda: kept(tmp_path) != seen)
        assert 1 == len(slack.messages)
        web.body = None
        wait_for(process, lambda: len(slack.messages) == 2)
        lines = end(process, signal.SIGINT)
    page, over = slack.messages
    assert page["channel"] in MEMBERS
    assert UNKNOWN in page["text"]
    assert "resolved" in over["text"].lower()
    assert "ended by SIGINT" == lines[-1]
    assert f"over: {UNKNOWN}." in lines


def kept(folder: Path) -> str:
    return (folder / "state" / "watch.json").read_text()


def test_a_signal_ends_a_service_whose_look_hangs(
    tmp_path: Path, settings: dict[str, str], web: WebServer
) -> None:
    began = threading.Event()
    web.silent, web.asked = True, began.set
    with service(tmp_path, settings) as process:
        wait_for(process, began.is_set)
        assert "ended by SIGTERM" == end(process)[-1]
    assert [] == web.beats


def test_a_round_that_breaks_off_does_not_end_the_watchdog(capsys: pytest.CaptureFixture[str]) -> None:
    class Breaking(Auditor):
        def __init__(self, stop: threading.Event) -> None:
            self.rounds = 0
            self.ends = stop

        def round(self, now: datetime) -> tuple[Finding, ...]:  # noqa: ARG002 - breaks whenever it is
            self.rounds += 1
            if self.rounds == 2:
                self.ends.set()
            raise ValueError("no idea")

    stop = threading.Event()
    breaking = Breaking(stop)
    _rounds(breaking, stop, timedelta(milliseconds=1))
    assert 2 == breaking.rounds
    assert 2 == capsys.readouterr().out.count("a round broke off, and gave no heartbeat: ValueError: no idea")
