"""The same company is the same everywhere, keeps its contracts, and only ever gains days."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import date
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.metrics.contracts import LANDED
from oncall_assets.sample import Company, SampleDay, each_day, tables

SMALL = Company(accounts=80, days=5, seed=11)

DIGEST = f"""
from datetime import date
from oncall_assets.sample import Company
from oncall_assets_tests.sample.test_days import digest
print(digest(Company(accounts={SMALL.accounts}, days={SMALL.days}, seed={SMALL.seed})))
"""


def digest(company: Company) -> str:
    """A hash over every byte of every table of `company`."""
    seen = hashlib.sha256()
    for name, table in tables(company).items():
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table.combine_chunks())
        seen.update(name.encode() + sink.getvalue().to_pybytes())
    return seen.hexdigest()


def test_another_process_with_another_hash_seed_makes_the_same_bytes() -> None:
    others = [
        subprocess.Popen(
            [sys.executable, "-c", DIGEST],
            env=os.environ | {"PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    expected = digest(SMALL)
    assert [expected, expected] == [other.communicate()[0].strip() for other in others]


def test_another_seed_is_another_company() -> None:
    assert digest(SMALL) != digest(Company(accounts=80, days=5, seed=12))


@settings(max_examples=12, deadline=None)
@given(
    accounts=st.integers(1, 40),
    days=st.integers(1, 6),
    more=st.integers(1, 5),
    seed=st.integers(0, 2**63 - 1),
    first_day=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
)
def test_more_days_change_no_earlier_day(accounts: int, days: int, more: int, seed: int, first_day: date) -> None:
    shorter = each_day(Company(accounts, days, seed, first_day))
    longer = each_day(Company(accounts, days + more, seed, first_day))
    for short, long in zip(shorter, islice(longer, days), strict=True):
        assert short.day == long.day
        assert short.tables == long.tables


def test_forty_days_begin_with_the_thirty(company: Company) -> None:
    def first_thirty(days: int) -> list[SampleDay]:
        return list(islice(each_day(Company(100, days, company.seed, company.first_day)), 30))

    assert first_thirty(30) == first_thirty(40)


@settings(max_examples=12, deadline=None)
@given(accounts=st.integers(1, 60), seed=st.integers(0, 2**32))
def test_every_table_keeps_its_contract_and_lands_on_its_day(accounts: int, seed: int) -> None:
    for sample in each_day(Company(accounts, 4, seed)):
        assert set(LANDED) == set(sample.tables)
        for name, table in sample.tables.items():
            contract = LANDED[name]
            assert contract.schema.to_pyarrow() == table.schema
            table.validate(full=True)
            assert all(column.nullable or table[column.name].null_count == 0 for column in contract.columns), name
            assert set(table[contract.lands_by].cast(pa.date32()).to_pylist()) <= {sample.day}


def test_identities_are_unique_but_for_usage(landed: dict[str, pa.Table]) -> None:
    for name in ("revenue_records", "expense_records", "account_events", "feedback"):
        identity = landed[name].column(0)
        assert len(identity) == pc.count_distinct(identity).as_py(), name


def test_control_totals_agree_with_every_table_and_day(company: Company) -> None:
    for sample in each_day(company):
        totals = {row["source"]: row for row in sample.tables["control_totals"].to_pylist()}
        assert set(LANDED) - {"control_totals"} == set(totals)
        for name, total in totals.items():
            table = sample.tables[name]
            amounts = table["amount_cents"].to_pylist() if "amount_cents" in table.column_names else []
            expected = {
                "source": name,
                "day": sample.day,
                "rows": len(table),
                "amount_cents": sum(amounts),
            }
            assert expected == total
