"""What the runbooks fear is made to happen: found by the detector named for it, told to the right person, held."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from oncall_assets_tests.faults.eves import ROOT, Eve, load
from oncall_assets_tests.faults.row import Row, for_software, pointed_at
from oncall_assets_tests.faults.rows_business import ROWS as BUSINESS
from oncall_assets_tests.faults.rows_data import ROWS as DATA
from oncall_assets_tests.faults.rows_editions import ROWS as EDITIONS
from oncall_assets_tests.faults.rows_figures import ROWS as FIGURES
from oncall_assets_tests.faults.rows_installation import ROWS as INSTALLATION
from oncall_assets_tests.faults.rows_late import ROWS as LATE
from oncall_assets_tests.faults.rows_records import ROWS as RECORDS
from oncall_assets_tests.faults.rows_reporting import ROWS as REPORTING
from oncall_assets_tests.faults.world import World

ROWS = (*DATA, *BUSINESS, *FIGURES, *RECORDS, *REPORTING, *EDITIONS, *INSTALLATION, *LATE)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what.replace(" ", "-"))
def test_what_is_feared_is_found_told_to_the_person_on_call_and_held(
    row: Row, world_of: Callable[[Eve], World]
) -> None:
    world = world_of(row.eve)
    row.happens(world)

    assert set(row.by) == world.failing() | world.mechanisms()
    missed = set(row.issues) - pointed_at(world)
    assert not missed, "nothing that was found is named as their detector"
    pages = world.post.pages
    assert sorted(row.told) == sorted(f"{page.to.key}: {page.severity} {page.pipeline}" for page in pages)
    assert row.held in (None, world.published() == 0)
    assert world.recorded() <= world.failing()
    assert [] == world.printed


def test_all_that_software_is_to_find_is_made_to_happen() -> None:
    named = {issue for row in ROWS for issue in row.issues}
    assert set() == for_software(load(ROOT / "runbooks")) - named
