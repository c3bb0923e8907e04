"""One mid-sized company for all tests that only look at it, since making it is most of their time."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from oncall_assets.sample import Company, tables


@pytest.fixture(scope="session")
def company() -> Company:
    return Company(accounts=400, days=56, seed=7, first_day=date(2026, 9, 7))


@pytest.fixture(scope="session")
def landed(company: Company) -> dict[str, pa.Table]:
    return tables(company)
