"""Each fault does what its name says."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
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
        ("unknown-category", "category", 0.05),
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
    assert {"entertainment"} == set(values("unknown-category", "category"))
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


def test_reordered_revenue_is_the_same_rows(clean: dict[str, pa.Table]) -> None:
    before, after = _planted(clean, "reordered-revenue")
    assert before.record_id.tolist() != after.record_id.tolist()
    assert sorted(before.to_numpy().tolist()) == sorted(after.to_numpy().tolist())


def test_zero_amounts_change_no_other_column(clean: dict[str, pa.Table]) -> None:
    before, after = _planted(clean, "zero-amounts")
    assert {0} == set(after.amount_cents)
    assert before.drop(columns="amount_cents").equals(after.drop(columns="amount_cents"))


def test_yesterdays_expenses_are_dated_the_day_before(clean: dict[str, pa.Table]) -> None:
    before, after = _planted(clean, "yesterdays-expenses")
    assert {DAY - timedelta(days=1)} == set(after.booked_on)
    assert before.drop(columns="booked_on").equals(after.drop(columns="booked_on"))


def test_a_second_sign_up_is_of_an_account_that_is_there_already(clean: dict[str, pa.Table]) -> None:
    events = clean["account_events"]
    holder = events.filter(pc.not_equal(events["kind"], "signup")).slice(0, 1)
    assert 1 == len(holder)
    spoilt = plant(COMPANY, [Fault("second-sign-up", DAY)], DAY, "account_events", holder).to_pandas()
    assert {"signup", holder["kind"][0].as_py()} == set(spoilt.kind)
    assert 1 == spoilt.account_id.nunique()
    assert 2 == spoilt.event_id.nunique()


def test_straggling_events_are_a_tenth_and_occurred_49_to_96_hours_before(clean: dict[str, pa.Table]) -> None:
    before, after = _planted(clean, "straggling-events")
    moved = before.occurred_at - after.occurred_at
    assert round(0.1 * len(before)) == (moved > pd.Timedelta(0)).sum()
    assert moved[moved > pd.Timedelta(0)].between(49 * HOUR, 96 * HOUR).all()
    assert before.ingested_at.equals(after.ingested_at)


def test_replayed_events_are_new_ones_of_days_that_are_final(clean: dict[str, pa.Table]) -> None:
    before, after = _planted(clean, "replayed-events")
    replayed = after[~after.event_id.isin(before.event_id)]
    assert round(0.1 * len(before)) == len(replayed) == len(after) - len(before)
    assert {DAY} == set(replayed.ingested_at.dt.date)
    days_ago = (pd.Timestamp(DAY) - replayed.occurred_at.dt.tz_localize(None).dt.normalize()).dt.days
    # An event of late yesterday may arrive today, and is a day older still.
    assert days_ago.between(8, 13).all()


def test_an_account_in_two_variants_keeps_the_one_it_had(clean: dict[str, pa.Table]) -> None:
    before, after = _planted(clean, "two-variants")
    again = after[after.duplicated(["experiment_id", "account_id"], keep=False)]
    assert 2 * max(1, round(0.05 * len(before))) == len(again)
    assert (again.groupby(["experiment_id", "account_id"]).variant.nunique() == 2).all()
    assert len(before) == len(after.drop_duplicates(["experiment_id", "account_id"]))


def test_lopsided_assignments_are_new_accounts_of_one_experiment_all_treated(clean: dict[str, pa.Table]) -> None:
    before, after = _planted(clean, "lopsided-assignments")
    added = after[~after.account_id.isin(before.account_id)]
    assert 150 == len(added) == added.account_id.nunique() == len(after) - len(before)
    assert {"treatment"} == set(added.variant)
    assert 1 == added.experiment_id.nunique()


def test_amounts_that_are_no_numbers_are_nan_in_a_twentieth(clean: dict[str, pa.Table]) -> None:
    before, after = _planted(clean, "not-a-number")
    assert "float64" == after.amount_cents.dtype
    assert max(1, round(0.05 * len(before))) == after.amount_cents.isna().sum()


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
