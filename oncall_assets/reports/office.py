"""What the run of an edition needs of the world, behind one door: clock, ledger, post and archive."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import ibis
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.handbook.home import ledger_url, state_folder
from oncall_assets.handbook.team import Team
from oncall_assets.incidents.delivery.channels import mailer_of
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.metrics.contracts import CONTRACTS, LANDED
from oncall_assets.metrics.days import Days
from oncall_assets.notify.smtp import Mailer
from oncall_assets.pipelines.reporting import ReportingDatabase
from oncall_assets.reports.checked import check_reports
from oncall_assets.reports.figures import Read


class OfficeError(Exception):
    """An edition cannot be sent as the team wrote it down; the message says what to do, and holds no secret."""


class EditionOffice(dg.ConfigurableResource):  # type: ignore[type-arg]  # generic only in Dagster's own stubs
    """`handbook_folder` is read anew for each run, as somebody may have edited it since Dagster was started."""

    handbook_folder: str

    def now(self) -> datetime:
        """The instant, UTC: the only clock of a run."""
        return datetime.now(UTC)

    def handbook(self) -> Handbook:
        """The handbook as it is on disk. Raises HandbookError."""
        handbook = load_handbook(Path(self.handbook_folder), frozenset(LANDED))
        check_reports(handbook)
        return handbook

    def graph(self, context: dg.AssetExecutionContext) -> BaseAssetGraph[Any]:
        """All assets of the code location that the run belongs to."""
        return context.repository_def.asset_graph

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """The ledger, closed at the end of the block. Raises LedgerError."""
        with Ledger(ledger_url()) as ledger:
            yield ledger

    def mailer(self, team: Team) -> Mailer | None:
        """What sends the team's mail; None if it has no e-mail channel.

        Raises OfficeError where it has one whose secret is missing: nothing is left unsent without a word.
        """
        if team.channels.email is None:
            return None
        reasons: list[str] = []
        mailer = mailer_of(team, reasons.append)
        if mailer is None:
            raise OfficeError(f"{'; '.join(reasons)}: set it in the environment of Dagster's daemon")
        return mailer

    @property
    def archive_folder(self) -> Path:
        """Where editions are kept as they were sent."""
        return state_folder() / "editions"


def published(handbook: Handbook) -> Read:
    """Reads the reporting database: what was let out there is what an edition may tell, and the figures that
    dashboards show are those of the mail.

    A table that is not there has no rows. The reader raises ReportingError.
    """
    reporting = ReportingDatabase.of(handbook)

    def read(table: str, days: Days) -> ibis.Table:
        rows = reporting.published(table, days)
        if rows is None:
            return ibis.memtable(CONTRACTS[table].schema.to_pyarrow().empty_table())
        return ibis.memtable(rows)

    return read
