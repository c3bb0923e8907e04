"""Room on the disk, as the operating system tells it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from oncall_assets.handbook.home import free_bytes
from oncall_assets.incidents.signals.probes.storage import short_storage

NOW = datetime(2026, 1, 7, 2, 40, tzinfo=UTC)
GIB = 1024**3


def test_a_disk_with_less_than_is_wanted_is_short(tmp_path: Path) -> None:
    wanted = free_bytes(tmp_path) * 2
    (short,) = short_storage(tmp_path, wanted, NOW)
    assert ("storage short", f"storage {tmp_path}", "major") == (short.kind, short.target, short.severity)
    assert NOW == short.at


def test_a_disk_with_what_is_wanted_is_not(tmp_path: Path) -> None:
    assert [] == short_storage(tmp_path, 1, NOW)


def test_a_folder_that_is_not_made_yet_is_on_the_disk_that_will_hold_it(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "not" / "yet") > 0


def test_just_enough_is_enough(tmp_path: Path) -> None:
    assert [] == short_storage(tmp_path, GIB, NOW, lambda _: GIB)
    assert 1 == len(short_storage(tmp_path, GIB, NOW, lambda _: GIB - 1))


@pytest.mark.parametrize(
    ("left", "told"),
    [(0, "0 bytes free"), (1023, "1023 bytes free"), (1536, "1.5 KiB free"), (GIB - 1, "1024 MiB free")],
)
def test_what_is_left_is_told_in_units_that_people_use(left: int, told: str, tmp_path: Path) -> None:
    (short,) = short_storage(tmp_path, 4 * GIB, NOW, lambda _: left)
    assert (told, "at least 4 GiB") == (short.observed, short.threshold)


def test_a_disk_on_the_edge_is_told_of_once_an_hour(tmp_path: Path) -> None:
    minutes = [NOW, NOW.replace(minute=59), NOW.replace(hour=3)]
    ids = [short_storage(tmp_path, GIB, now, lambda _: 0)[0].id for now in minutes]
    assert (ids[0], 2) == (ids[1], len(set(ids)))
