"""One day of the company after another, so that only one has to fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from oncall_assets.metrics.contracts import LANDED
from oncall_assets.sample.accounts import Accounts
from oncall_assets.sample.company import Company
from oncall_assets.sample.expenses import Expenses
from oncall_assets.sample.experiments import Experiments
from oncall_assets.sample.feedback import Feedback
from oncall_assets.sample.revenue import Revenue
from oncall_assets.sample.totals import control_totals
from oncall_assets.sample.usage import Usage


@dataclass(frozen=True, slots=True)
class SampleDay:
    """What lands on one UTC day: every landed table by name, in its contract's schema, also when empty."""

    day: date
    tables: dict[str, pa.Table]


def each_day(company: Company) -> Iterator[SampleDay]:
    """The company's days in order. What would land after the last one, a late event say, is left out."""
    accounts, experiments = Accounts(company), Experiments(company)
    revenue, expenses = Revenue(company, experiments), Expenses(company)
    usage, feedback = Usage(company), Feedback(company)
    for day in company.calendar.each:
        life = accounts.live(day)
        tables = {
            # Before today's assignments: a treatment changes fees from the next day on.
            "revenue_records": revenue.book(life),
            "expense_records": expenses.book(life),
            "account_events": life.table(),
            "experiment_assignments": experiments.assign(life),
            "usage_events": usage.receive(life),
            "feedback": feedback.collect(life),
        }
        yield SampleDay(day, tables | {"control_totals": control_totals(day, tables)})


def tables(company: Company) -> dict[str, pa.Table]:
    """All days of every landed table at once, for a company that fits into memory."""
    days = [sample.tables for sample in each_day(company)]
    return {name: pa.concat_tables([day[name] for day in days]) for name in LANDED}
