"""Real Dagster instances, real ledgers and a pager between them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import dagster as dg
import psycopg2
import pytest
from sqlalchemy import create_engine, make_url, text

from oncall_assets.incidents.case import Desk
from oncall_assets.incidents.delivery.courier import Courier
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.lineage import Lineage
from oncall_assets.incidents.tell import Teller
from oncall_assets.incidents.tick import Round, Tick
from oncall_assets.notify.channel import Channel, DeliveryError
from oncall_assets.notify.console import Console
from oncall_assets.notify.message import Digest, Message, Notice, Page, Update
from oncall_assets.rota import Rota
from oncall_assets_tests.incidents.company import ASSETS, handbook
from oncall_assets_tests.slack_server import SlackServer, slack_server

# Nothing here is slow but the machine.
PATIENCE = timedelta(seconds=30)

# A Wednesday of Ann's first turn.
NOW = datetime(2026, 1, 7, 2, 0, tzinfo=UTC)


@dataclass
class Post:
    """A channel that keeps what it sends by kind, and raises `trouble` instead while there is one."""

    name: str = "post"
    people: frozenset[str] = frozenset({"ann", "ben"})
    pages: list[Page] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    digests: list[Digest] = field(default_factory=list)
    trouble: Exception | None = None

    def reaches(self, person: str) -> bool:
        return person in self.people

    def takes(self, message: Message) -> bool:  # noqa: ARG002 - a post takes everything
        return True

    def send(self, message: Message, person: str, thread: str | None) -> str | None:  # noqa: ARG002 - it has no threads
        if self.trouble:
            raise self.trouble
        assert person == message.to.key
        match message:
            case Page():
                self.pages.append(message)
            case Notice():
                self.notices.append(message)
            case Update():
                self.updates.append(message)
            case Digest():
                self.digests.append(message)
        return None


def down(*, permanent: bool = False) -> DeliveryError:
    return DeliveryError("down", permanent=permanent)


@dataclass
class Watch:
    """A pager with its post, its console and its cursor; `tick` makes one round and goes on from there."""

    round: Round
    post: Post
    console: list[str]
    cursor: str | None = None
    now: datetime = NOW

    def tick(self, after: timedelta = timedelta(0)) -> Tick:
        self.now += after
        tick = self.round.tick(self.cursor, self.now)
        self.cursor = tick.cursor
        return tick


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Dagster home on disk with its tables made, which takes seconds, to be copied."""
    folder = tmp_path_factory.mktemp("dagster")
    (folder / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        instance.get_runs(limit=1)
        instance.event_log_storage.get_maximum_record_id()
    return folder


@pytest.fixture
def dagster_home(tmp_path: Path, empty_home: Path) -> Path:
    """A Dagster home of the test's own, where SQLite keeps a file for each run."""
    return Path(shutil.copytree(empty_home, tmp_path / "dagster"))


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """In memory, as a run on disk takes a second; `test_signals` shows that both tell the same."""
    with dg.DagsterInstance.ephemeral() as running:
        yield running


@pytest.fixture
def on_disk(dagster_home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(dagster_home)) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state' / 'ledger.sqlite'}"
    return new_database(request.getfixturevalue("postgres_url"))


def new_database(server: str) -> str:
    """The URL of an empty database on the server."""
    name = f"ledger_{uuid4().hex}"
    connection = psycopg2.connect(server)
    connection.autocommit = True
    connection.cursor().execute(f'CREATE DATABASE "{name}"')
    connection.close()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def watch(instance: dg.DagsterInstance, tmp_path: Path) -> Iterator[Watch]:
    """A pager on SQLite whose cursor is set: what happens from now on is news."""
    with opened(instance, f"sqlite:///{tmp_path / 'ledger.sqlite'}", tmp_path) as made:
        made.tick()
        yield made


@contextmanager
def opened(instance: dg.DagsterInstance, url: str, folder: Path, channel: str = "post") -> Iterator[Watch]:
    """A pager on the ledger at `url`, with a post and a console to fall back on."""
    graph = dg.Definitions(assets=ASSETS).resolve_asset_graph()
    book = handbook(folder / "handbook")
    desk = Desk(book, Lineage(graph), "http://dagster.example", Rota(book))
    post = Post(channel)
    printed: list[str] = []
    with Ledger(url) as ledger:
        channels: list[Channel] = [post]
        console = Console(printed.append)
        courier = Courier(ledger, channels, console, book.team.limits)
        made = Round(instance, desk, ledger, courier, Teller(ledger, channels, console), patience=PATIENCE)
        yield Watch(made, post, printed)
        courier.close()


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with slack_server() as server:
        yield server


@pytest.fixture
def rows() -> Callable[[str, str], list[tuple[object, ...]]]:
    """Runs a query on the ledger at a URL."""

    def query(url: str, sql: str) -> list[tuple[object, ...]]:
        full = make_url(url)
        driver = full.set(drivername="postgresql+psycopg2") if full.drivername == "postgresql" else full
        engine = create_engine(driver)
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(text(sql))]
        engine.dispose()
        return found

    return query
