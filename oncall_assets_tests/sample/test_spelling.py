"""Fast spelling gives what a format string would."""

from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.sample.spelling import account_ids, record_ids, spell


@settings(max_examples=50, deadline=None)
@given(pairs=st.lists(st.tuples(st.integers(0, 999_999), st.integers(0, 99)), max_size=20))
def test_identities_are_spelled_as_a_format_string_would(pairs: list[tuple[int, int]]) -> None:
    accounts = np.array([account for account, _ in pairs], dtype=np.int64)
    seats = np.array([seat for _, seat in pairs], dtype=np.int64)
    spelled = spell("user-", (accounts, 6), "-", (seats, 2))
    spelled.validate(full=True)
    assert [f"user-{account:06d}-{seat:02d}" for account, seat in pairs] == spelled.to_pylist()


def test_accounts_and_records_have_readable_identities() -> None:
    assert ["acct-000123"] == account_ids(np.array([123])).to_pylist()
    assert ["rev-20261003-00000007"] == record_ids("rev", date(2026, 10, 3), np.array([7])).to_pylist()
