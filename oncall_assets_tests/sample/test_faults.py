"""Each fault does what its name says."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pyarrow as pa
import pytest

from oncall_assets.sample import FAULTS, Company, Fault, each_day, parse_fault
from oncall_assets.sample.faults import plant

COMPANY = Company(accounts=600, days=1, seed=5, first_day=date(2026, 10, 5))
DAY = COMPANY.first_day
HOUR = pd.Timedelta(hours=1)


@pytest.fixture(scope="module")
def clean() -> dict[str, pa.Table]:
    return next(each_day(COMPANY)).tables


def _planted(clean: dict[str, pa.Table], name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table that the fault is about, before and after it."""
    table = FAULTS[name].table
    spoilt = plant(COMPANY, [Fault(name, DAY)], DAY, table, clean[table])
    return clean[table].to_pandas(), spoilt.to_pandas()


def _changed(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The rows of `after` that are not as in `before`, in columns where any differs."""
    differs = (before != after) & ~(before.isna() & after.isna())
    return after.loc[differs.any(axis=1), differs.any(axis=0)]


@pytest.mark.parametrize(
    ("name", "column", "share"),
    [
        ("foreign-currency", "currency", 0.05),
        ("unattributed-revenue", "account_id", 0.05),
        ("inflated-revenue", "amount_cents", 0.03),
        ("unknown-kind", "kind", 0.05),
        ("negative-seats", "seats", 0.05),
        ("null-accounts", "account_id", 0.05),
        ("impossible-scores", "score", 0.05),
    ],
)
def test_a_spoiling_fault_changes_one_column_of_a_share_of_the_rows(
    clean: dict[str, pa.Table], name: str, column: str, share: float
) -> None:
    before, after = _planted(clean, name)
    changed = _changed(before, after)
    assert [column] == list(changed.columns)
    assert max(1, round(share * len(before))) == len(changed)


def test_spoilt_values_are_the_promised_ones(clean: dict[str, pa.Table]) -> None:
    def values(name: str, column: str) -> pd.Series:
        return _changed(*_planted(clean, name))[column]

    assert {"EUR"} == set(values("foreign-currency", "currency"))
    assert {"paused"} == set(values("unknown-kind", "kind"))
    assert values("null-accounts", "account_id").isna().all()
    assert values("unattributed-revenue", "account_id").isna().all()
    assert (values("negative-seats", "seats") < 0).all()
    assert (values("impossible-scores", "score") > 10).all()
    before, after = _planted(clean, "inflated-revenue")
    assert {1.0, 100.0} == set(after.amount_cents / before.amount_cents)


def test_duplicate_events_are_the_same_but_for_their_arrival(clean: dict[str, pa.Table]) -> None:
    before, after = _planted(clean, "duplicate-events")
    assert round(0.3 * len(before)) == len(after) - len(before)
    assert set(before.event_id) == set(after.event_id)
    assert {DAY} == set(after.ingested_at.dt.date)
    everything_else = [name for name in before.columns if name != "ingested_at"]
    assert len(before.drop_duplicates(everything_else)) == len(after.drop_duplicates(everything_else))


def test_an_event_duplicated_just_before_midnight_still_lands_on_its_day(clean: dict[str, pa.Table]) -> None:
    usage = clean["usage_events"].slice(0, 50)
    last_instant = pa.scalar(pd.Timestamp(DAY, tz="UTC") + 24 * HOUR - pd.Timedelta(microseconds=1))
    latest = _filled(usage, "ingested_at", last_instant)
    spoilt = plant(COMPANY, [Fault("duplicate-events", DAY)], DAY, "usage_events", latest)
    assert len(latest) < len(spoilt)
    assert {DAY} == set(spoilt["ingested_at"].cast(pa.date32()).to_pylist())


def test_seats_are_negative_even_where_there_were_none(clean: dict[str, pa.Table]) -> None:
    cancelled = _filled(clean["account_events"], "seats", pa.scalar(0))
    spoilt = plant(COMPANY, [Fault("negative-seats", DAY)], DAY, "account_events", cancelled)
    assert {-1, 0} == set(spoilt["seats"].to_pylist())


def _filled(table: pa.Table, column: str, value: pa.Scalar) -> pa.Table:
    place = table.column_names.index(column)
    return table.set_column(place, column, pa.repeat(value, len(table)).cast(table.schema.field(column).type))


def test_duplicate_revenue_is_booked_twice_alike(clean: dict[str, pa.Table]) -> None:
    before, after = _planted(clean, "duplicate-revenue")
    assert max(1, round(0.1 * len(before))) == after.duplicated().sum()
    assert before.sort_values("record_id").to_numpy().tolist() == (
        after.drop_duplicates().sort_values("record_id").to_numpy().tolist()
    )


def test_missing_revenue_leaves_six_tenths_untouched(clean: dict[str, pa.Table]) -> None:
    before, after = _planted(clean, "missing-revenue")
    assert len(before) - round(0.4 * len(before)) == len(after)
    kept = before[before.record_id.isin(after.record_id)]
    assert kept.to_numpy().tolist() == after.to_numpy().tolist()


@pytest.mark.parametrize("name", ["missing-expenses", "no-events"])
def test_an_emptied_table_keeps_its_schema(clean: dict[str, pa.Table], name: str) -> None:
    table = FAULTS[name].table
    spoilt = plant(COMPANY, [Fault(name, DAY)], DAY, table, clean[table])
    assert clean[table].schema.empty_table() == spoilt


def test_late_events_arrive_after_the_48_hours(clean: dict[str, pa.Table]) -> None:
    before, after = (frame.set_index("event_id") for frame in _planted(clean, "late-events"))
    once = before.index[~before.index.duplicated(keep=False)]
    delay = after.ingested_at[once] - before.ingested_at[once]
    late = delay[delay > pd.Timedelta(0)]
    assert 0.25 == pytest.approx(len(late) / len(once), abs=0.02)
    assert late.between(49 * HOUR, 96 * HOUR).all()


def test_schema_faults_rename_or_retype_the_amount_and_nothing_else(clean: dict[str, pa.Table]) -> None:
    revenue = clean["revenue_records"]

    def planted(*names: str) -> pa.Table:
        return plant(COMPANY, [Fault(name, DAY) for name in names], DAY, "revenue_records", revenue)

    renamed, retyped = planted("renamed-column"), planted("retyped-column")
    assert revenue == renamed.rename_columns(revenue.column_names)
    assert "amount" == renamed.column_names[4]
    assert pa.string() == retyped.schema.field("amount_cents").type
    assert revenue == retyped.cast(revenue.schema)
    # The order given does not matter: the schema changes last.
    assert planted("inflated-revenue", "renamed-column") == planted("renamed-column", "inflated-revenue")


def test_every_fault_finds_something_to_change(clean: dict[str, pa.Table]) -> None:
    for name, kind in FAULTS.items():
        planted = plant(COMPANY, [Fault(name, DAY)], DAY, kind.table, clean[kind.table])
        assert clean[kind.table] != planted, name


def test_a_fault_with_nothing_to_change_is_refused(clean: dict[str, pa.Table]) -> None:
    nothing = clean["account_events"].slice(0, 0)
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the exact text is asserted below
        plant(COMPANY, [Fault("negative-seats", DAY)], DAY, "account_events", nothing)
    assert (
        "fault negative-seats@2026-10-05: account_events has no row to change that day;"
        " take another day or more accounts" == str(refusal.value)
    )


def test_a_fault_is_read_from_its_name_and_day() -> None:
    fault = parse_fault("duplicate-events@2026-10-03")
    assert Fault("duplicate-events", date(2026, 10, 3)) == fault
    assert "duplicate-events@2026-10-03" == str(fault)


KNOWN = (
    "known faults: duplicate-events, duplicate-revenue, foreign-currency, impossible-scores,"
    " inflated-revenue, late-events, lopsided-assignments, missing-expenses, missing-revenue, negative-seats,"
    " no-events, not-a-number, null-accounts, renamed-column, reordered-revenue, replayed-events,"
    " retyped-column, second-sign-up, straggling-events, two-variants, unattributed-revenue,"
    " unknown-category, unknown-kind, yesterdays-expenses, zero-amounts"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "duplicate-event@2026-10-03",
            f"no fault is named 'duplicate-event'; did you mean duplicate-events or duplicate-revenue? {KNOWN}",
        ),
        ("qqq@2026-10-03", f"no fault is named 'qqq'; {KNOWN}"),
        (
            "no-events",
            "fault 'no-events' has no day; write NAME@YYYY-MM-DD, such as duplicate-events@2026-10-03",
        ),
        (
            "no-events@20261003",
            "fault 'no-events@20261003': '20261003' is not a day; expected YYYY-MM-DD, such as 2026-10-03",
        ),
        (
            "no-events@2026-02-30",
            "fault 'no-events@2026-02-30': '2026-02-30' is not a day; expected YYYY-MM-DD, such as 2026-10-03",
        ),
    ],
)
def test_a_fault_misspelled_is_refused_with_what_is_known(text: str, message: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the exact text is asserted below
        parse_fault(text)
    assert message == str(refusal.value)
