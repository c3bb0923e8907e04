"""Real Dagster instances, real ledgers and a pager between them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import dagster as dg
import psycopg2
import pytest
from dagster._core.test_utils import freeze_time
from sqlalchemy import create_engine, make_url, text

from oncall_assets.handbook import Handbook, labels
from oncall_assets.incidents.case import Desk
from oncall_assets.incidents.delivery.courier import Courier
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.lineage import Lineage
from oncall_assets.incidents.tell import Teller
from oncall_assets.incidents.tick import Round, Tick
from oncall_assets.notify.channel import Channel, DeliveryError
from oncall_assets.notify.console import Console
from oncall_assets.notify.message import Digest, Message, Notice, Page, Update
from oncall_assets.rota import Rota, Shift
from oncall_assets_tests.incidents.company import ASSETS, DAY, EVERYBODY, crew, handbook, rates, report
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


class NobodysRota(Rota):
    """Finds a gap wherever it is asked."""

    def on_call(self, at: datetime) -> Shift:
        raise LookupError(at)


@dataclass
class Watch:
    """A pager with its post, its console and its cursor; `tick` makes one round and goes on from there."""

    round: Round
    post: Post
    console: list[str]
    cursor: str | None = None
    now: datetime = NOW
    last: Tick | None = None
    _moments: int = 0

    def tick(self, after: timedelta = timedelta(0)) -> Tick:
        self.now += after
        self.last = self.round.tick(self.cursor, self.now)
        self.cursor = self.last.cursor
        return self.last

    def hears(self, after: timedelta = timedelta(0)) -> list[str]:
        """What a tick sends by post, a line each: `ann: opened 1`."""
        pages, updates = len(self.post.pages), len(self.post.updates)
        self.tick(after)
        told = [f"{page.to.key}: {page.telling} {page.incident}" for page in self.post.pages[pages:]]
        return told + [f"{one.to.key}: {one.what} {one.incident}" for one in self.post.updates[updates:]]

    @contextmanager
    def moment(self) -> Iterator[None]:
        """Dagster's clock at the pager's, a little later each time, as no two evaluations are of one instant."""
        self._moments += 1
        with freeze_time(self.now + self._moments * timedelta(milliseconds=1)):
            yield

    def report(self, asset: str, check: str = "complete", *, partition: str | None = DAY, **settings: Any) -> None:
        """An evaluation of this moment, which names its day as the layer's do."""
        said = {labels.PARTITION: partition} if partition else {}
        metadata = said | settings.pop("metadata", {})
        with self.moment():
            report(self.round.instance, asset, check, metadata=metadata, **settings)

    def under(self, book: Handbook) -> None:
        """The handbook from now on, as after an edit of it."""
        self.round = replace(self.round, desk=replace(self.round.desk, handbook=book, rota=Rota(book)))

    def with_nobody_on_call(self) -> None:
        """A gap in the rota from now on, which no handbook that was checked has."""
        desk = self.round.desk
        self.round = replace(self.round, desk=replace(desk, rota=NobodysRota(desk.handbook)))


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
def opened(
    instance: dg.DagsterInstance,
    url: str,
    folder: Path,
    channel: str = "post",
    *,
    book: Handbook | None = None,
    assets: Sequence[dg.AssetsDefinition] = ASSETS,
    more: Sequence[Channel] = (),
) -> Iterator[Watch]:
    """A pager on the ledger at `url`, with a post, `more` channels, and a console to fall back on."""
    graph = dg.Definitions(assets=assets).resolve_asset_graph()
    book = book or handbook(folder / "handbook")
    desk = Desk(book, Lineage(graph), "http://dagster.example", Rota(book))
    post = Post(channel)
    printed: list[str] = []
    with Ledger(url) as ledger:
        channels: list[Channel] = [post, *more]
        console = Console(printed.append)
        courier = Courier(ledger, channels, console, book.team.limits)
        made = Round(instance, desk, ledger, courier, Teller(ledger, channels, console), patience=PATIENCE)
        yield Watch(made, post, printed)
        courier.close()


@contextmanager
def crew_watch(
    instance: dg.DagsterInstance, folder: Path, book: Handbook | None = None, **more: Any
) -> Iterator[Watch]:
    """A pager of the crew on SQLite, whose post reaches everybody; what happens from now on is news."""
    settings = {"assets": (*ASSETS, rates)} | more
    url = f"sqlite:///{folder / 'ledger.sqlite'}"
    with opened(instance, url, folder, book=book or crew(folder), **settings) as made:
        made.post.people = EVERYBODY
        made.tick()
        yield made


@pytest.fixture
def crewed(instance: dg.DagsterInstance, tmp_path: Path) -> Iterator[Watch]:
    """The crew's pager with nothing special in its handbook."""
    with crew_watch(instance, tmp_path) as made:
        yield made


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with slack_server() as server:
        yield server


@pytest.fixture
def slack_folder(slack: SlackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The handbook of a team that is told by Slack and in the log, with all that it needs from the environment."""
    monkeypatch.setenv("ONCALL_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("ONCALL_DATABASE_URL", raising=False)
    monkeypatch.setenv("ONCALL_DAGSTER_URL", "https://dagster.example/")
    monkeypatch.setenv("ONCALL_SLACK_TOKEN", "xoxb-secret")
    return handbook(tmp_path / "handbook", f"{{console: {{}}, slack: {{base_url: '{slack.url}'}}}}").folder


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
