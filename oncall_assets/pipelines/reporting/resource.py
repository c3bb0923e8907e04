"""The reporting database as a resource of runs and checks, which ask it for tables by name."""

from __future__ import annotations

import dagster as dg
import pyarrow as pa

from oncall_assets.handbook import Handbook
from oncall_assets.metrics.contracts import CONTRACTS, Contract
from oncall_assets.metrics.days import Days
from oncall_assets.pipelines.reporting.address import file_of, opened, reporting_url
from oncall_assets.pipelines.reporting.publish import publish, published


class ReportingDatabase(dg.ConfigurableResource):  # type: ignore[type-arg]  # generic only in Dagster's own stubs
    """The database whose address the environment variable `url_env` holds, or a file in the state folder.

    `may_read` has the tables by role, as the handbook writes them. Everything raises ReportingError where the
    database does not answer.
    """

    url_env: str = "REPORTING_DATABASE_URL"
    may_read: dict[str, list[str]] = {}

    @classmethod
    def of(cls, handbook: Handbook) -> ReportingDatabase:
        written = handbook.team.reporting
        return cls(url_env=written.url_env, may_read=written.readers)

    @property
    def place(self) -> str:
        """Where the tables are, in words that hold no secret."""
        file = file_of(reporting_url(self.url_env))
        return str(file) if file is not None else f"PostgreSQL of {self.url_env}"

    def publish(self, contract: Contract, rows: pa.Table, days: Days) -> None:
        """Replace the days' rows in one transaction; without it, readers see what they saw before."""
        publish(reporting_url(self.url_env), contract, rows, days, self._named(contract.name))

    def published(self, table: str, days: Days) -> pa.Table | None:
        """The rows of the days as readers see them, with the contract's types; None if there is no such table."""
        contract = CONTRACTS.get(table)
        return None if contract is None else published(reporting_url(self.url_env), contract, days)

    def readers(self, table: str) -> frozenset[str]:
        """Who may read the table beside its owner and superusers, or change it; of a file, by its mode."""
        url = reporting_url(self.url_env)
        file = file_of(url)
        if file is not None and not file.exists():
            return frozenset()
        with opened(url) as database:
            return database.readers(table)

    def allowed(self, table: str) -> frozenset[str]:
        """Whom the handbook lets read the table; nobody beside its owner where the database is a file."""
        roles = file_of(reporting_url(self.url_env)) is None
        return self._named(table) if roles else frozenset()

    def _named(self, table: str) -> frozenset[str]:
        return frozenset(role for role, tables in self.may_read.items() if table in tables)
