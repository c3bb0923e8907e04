"""All that the watchdog looks at, real and well, to be broken piece by piece."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import dagster as dg
import pytest
from dagster._core.remote_origin import (
    GrpcServerCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    InstigatorType,
    SensorInstigatorData,
    TickData,
    TickStatus,
)
from dagster._daemon.types import DaemonHeartbeat
from dagster_shared.error import SerializableErrorInfo

from oncall_assets.handbook import load_handbook
from oncall_assets.incidents.audits.auditor import Auditor, Places
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets_tests.incidents.company import handbook
from oncall_assets_tests.slack_server import SlackServer, slack_server

# A Wednesday of Ann's first turn; Ben is secondary.
NOW = datetime(2026, 1, 7, 2, 0, tzinfo=UTC)
TOKEN = "xoxb-of-the-watchdog"


class WebServer:
    """A real HTTP server: GraphQL on POST, a heartbeat monitor on GET."""

    def __init__(self) -> None:
        self.errors: dict[str, str | None] = {"company": None}
        self.status = 200
        self.body: bytes | None = None
        self.beats: list[str] = []
        self.silent = False
        self.asked: Callable[[], None] = lambda: None
        self._closing = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = False
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def answer(self) -> bytes:
        self.asked()
        if self.silent:
            self._closing.wait()
        if self.body is not None:
            return self.body
        entries = []
        for name, error in self.errors.items():
            broken: dict[str, Any] = {"__typename": "PythonError", "message": error, "causes": []}
            loaded = broken if error else {"__typename": "RepositoryLocation"}
            entries.append({"name": name, "locationOrLoadError": loaded})
        return json.dumps(
            {"data": {"workspaceOrError": {"__typename": "Workspace", "locationEntries": entries}}}
        ).encode()

    def close(self) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def _handler(server: WebServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._send(server.answer())

        def do_GET(self) -> None:
            server.beats.append(self.path)
            self._send(b"OK")

        def _send(self, body: bytes) -> None:
            self.send_response(server.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """Quiet: what came is in `beats`."""

    return Handler


@contextmanager
def web_server() -> Iterator[WebServer]:
    server = WebServer()
    try:
        yield server
    finally:
        server.close()


@dataclass
class Pager:
    """The sensor as Dagster's daemon leaves it behind in the storage of `instance`."""

    instance: dg.DagsterInstance
    location: str = "company"

    @property
    def _origin(self) -> RemoteInstigatorOrigin:
        place = GrpcServerCodeLocationOrigin(host="127.0.0.1", port=1, location_name=self.location)
        return RemoteInstigatorOrigin(RemoteRepositoryOrigin(place, "__repository__"), "oncall_pager")

    def _state(self, status: InstigatorStatus, cursor: str | None, at: datetime) -> InstigatorState:
        data = SensorInstigatorData(cursor=cursor, last_tick_start_timestamp=at.timestamp())
        return InstigatorState(self._origin, InstigatorType.SENSOR, status, data)

    def set(
        self,
        at: datetime,
        cursor: str | None = None,
        status: InstigatorStatus = InstigatorStatus.DECLARED_IN_CODE,
    ) -> None:
        state = self._state(status, cursor, at)
        if self.instance.get_instigator_state(state.instigator_origin_id, state.selector_id):
            self.instance.update_instigator_state(state)
        else:
            self.instance.add_instigator_state(state)

    def tick(
        self,
        at: datetime,
        status: TickStatus = TickStatus.SKIPPED,
        error: str | None = None,
        cursor: str | None = None,
    ) -> None:
        self.set(at, cursor)
        state = self._state(InstigatorStatus.DECLARED_IN_CODE, cursor, at)
        data = TickData(
            instigator_origin_id=state.instigator_origin_id,
            instigator_name="oncall_pager",
            instigator_type=InstigatorType.SENSOR,
            status=status,
            timestamp=at.timestamp(),
            selector_id=state.selector_id,
            error=SerializableErrorInfo(error, [], "ValueError") if error else None,
        )
        self.instance.create_tick(data)


def beat(instance: dg.DagsterInstance, at: datetime, *but: str) -> None:
    """A heartbeat of every daemon that is needed, `but` these."""
    for name in instance.get_required_daemon_types():
        if name not in but:
            instance.add_daemon_heartbeat(DaemonHeartbeat(at.timestamp(), name, "the daemon's id"))


@dataclass
class World:
    """Places to look at, a Slack to be told over, and what the watchdog said; `round` is one of its rounds."""

    folder: Path
    instance: dg.DagsterInstance
    web: WebServer
    slack: SlackServer
    said: list[str] = field(default_factory=list)
    now: datetime = NOW
    lives: bool = True
    heartbeat: bool = False
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.auditor = self.start()

    @property
    def ledger(self) -> str:
        return f"sqlite:///{self.folder / 'ledger.sqlite'}"

    @property
    def memory(self) -> Path:
        return self.folder / "watch.json"

    def start(self) -> Auditor:
        """The watchdog as it is after a restart."""
        read = partial(load_handbook, tables=frozenset())
        beats = f"{self.web.url}/ping/secret-uuid" if self.heartbeat else None
        places = Places(self.folder / "handbook", read, self.web.url, self.ledger, self.folder, beats)
        self.auditor = Auditor(places, self.said.append, self.stop)
        return self.auditor

    def round(self, after: timedelta = timedelta(seconds=30)) -> list[str]:
        """The keys of what was found by a look at a daemon and a pager that live, unless `lives` is false."""
        self.now += after
        if self.lives:
            beat(self.instance, self.now)
            Pager(self.instance).tick(self.now)
        return [finding.key for finding in self.auditor.round(self.now)]

    def told(self) -> list[tuple[str, str]]:
        """Whom Slack was asked to tell, and what."""
        return [(message["channel"], message["text"]) for message in self.slack.messages]

    def break_handbook(self) -> Callable[[], None]:
        """A handbook that does not load, until the result is called."""
        team = self.folder / "handbook" / "team.yaml"
        sound = team.read_text()
        team.write_text(sound.replace("timezone: Europe/London\n", "timezone: Europe/Londn\n", 1))
        return lambda: _write(team, sound)


def _write(path: Path, text: str) -> None:
    path.write_text(text)


@contextmanager
def world(folder: Path, monkeypatch: pytest.MonkeyPatch, channels: str | None = None) -> Iterator[World]:
    """A world in which all is well; `channels` is the handbook's YAML, by default the console and Slack."""
    home = dagster_home(folder / "dagster")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    monkeypatch.setenv("ONCALL_SLACK_TOKEN", TOKEN)
    with ExitStack() as stack:
        slack, web = stack.enter_context(slack_server()), stack.enter_context(web_server())
        instance = stack.enter_context(dg.DagsterInstance.from_config(str(home)))
        handbook(folder / "handbook", channels or f"{{console: {{}}, slack: {{base_url: '{slack.url}'}}}}")
        empty_ledger(folder)
        yield World(folder, instance, web, slack)


def dagster_home(folder: Path) -> Path:
    """A Dagster home on disk that needs the daemons of the default one."""
    return Path(shutil.copytree(_empty() / "dagster", folder))


def empty_ledger(folder: Path) -> str:
    """The URL of a ledger on SQLite in `folder`."""
    shutil.copy(_empty() / "ledger.sqlite", folder)
    return f"sqlite:///{folder / 'ledger.sqlite'}"


@cache
def _empty() -> Path:
    """A Dagster home and a ledger with their tables made, which takes seconds, to be copied."""
    folder = Path(mkdtemp(prefix="oncall-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    home = folder / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\nrun_monitoring: {enabled: true}\n")
    with dg.DagsterInstance.from_config(str(home)) as instance, Ledger(f"sqlite:///{folder / 'ledger.sqlite'}"):
        beat(instance, NOW)
        instance.wipe_daemon_heartbeats()
        instance.all_instigator_state()
        instance.event_log_storage.get_maximum_record_id()
    return folder


def environment(**more: str) -> dict[str, str]:
    """This process's environment, and `more`."""
    return {**os.environ, **more}
