"""The sample company: seeded, realistic source data of any size, with faults to order.

- `company`: `Company`, the frozen spec: accounts, days, seed, first day
- `seasons`: weeks and years in its business
- `accounts`, `changes`: the life of every account, which all other tables follow
- `revenue`, `expenses`: money in and out, integer cents of USD
- `experiments`: one experiment with a real effect on revenue, one without any
- `usage`: sessions of events, duplicates and late arrivals at known rates
- `feedback`: scores and comments, some of them awkward
- `totals`: what the accounting filing says
- `days`: `each_day(company)` and `tables(company)`, the landed tables in memory
- `faults`: `FAULTS`, `Fault`, `parse_fault("duplicate-events@2026-10-03")`; `planting`: what each does to a table
- `write`: `write(company, out, faults)`, Parquet files by table and landing day
- `fill`: `fill(company, out)`, the days that are not on disk yet
- `landing`, `spelling`: rows by the day they land on, identities by the million
"""

from oncall_assets.sample.company import Company
from oncall_assets.sample.days import SampleDay, each_day, tables
from oncall_assets.sample.faults import FAULTS, Fault, FaultKind, parse_fault
from oncall_assets.sample.fill import fill
from oncall_assets.sample.write import Written, write

__all__ = [
    "FAULTS",
    "Company",
    "Fault",
    "FaultKind",
    "SampleDay",
    "Written",
    "each_day",
    "fill",
    "parse_fault",
    "tables",
    "write",
]
