"""The archive: whole files, private, inside their folder, and never one in the place of another."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from oncall_assets.reports.edition import Edition
from oncall_assets.reports.rendering.archive import CannotArchive, archive
from oncall_assets.reports.rendering.html import as_html
from oncall_assets.reports.rendering.table import as_csv
from oncall_assets_tests.reports.rendering.editions import DAILY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "editions"


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.lstat().st_mode))


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_page_table_and_edition_are_kept_as_they_are(folder: Path) -> None:
    page, table, kept = archive(DAILY, folder)
    assert as_html(DAILY, pictures="data") == page.read_text(encoding="utf-8")
    assert as_csv(DAILY).encode("utf-8-sig") == table.read_bytes()
    assert Edition.model_validate_json(kept.read_text(encoding="utf-8")) == DAILY


def test_each_period_of_each_report_has_a_folder(folder: Path) -> None:
    week = {"report": "aggregate_growth_weekly", "first": date(2026, 9, 28), "last": date(2026, 10, 4)}
    archive(DAILY, folder)
    archive(DAILY.model_copy(update=week), folder)
    assert [
        *(f"aggregate_growth_weekly/2026-09-28_2026-10-04/edition.{kind}" for kind in ("csv", "html", "json")),
        *(f"aggregate_profit_daily/2026-10-06/edition.{kind}" for kind in ("csv", "html", "json")),
    ] == names(folder)


def test_an_edition_that_is_sent_again_does_not_take_the_first_one_s_place(folder: Path) -> None:
    first = archive(DAILY, folder)[0].read_bytes()
    page, *_ = archive(DAILY.model_copy(update={"repeat": 1}), folder)
    archive(DAILY.model_copy(update={"repeat": 2}), folder)
    assert "edition-resent-1.html" == page.name
    assert b"Resent" in page.read_bytes()
    assert first == page.with_name("edition.html").read_bytes()
    assert 9 == len(names(folder))


def test_the_same_edition_is_written_again_as_a_whole_and_leaves_nothing_else(folder: Path) -> None:
    page, *_ = archive(DAILY, folder)
    page.write_text("half")
    before = page.stat().st_ino
    archive(DAILY, folder)
    assert as_html(DAILY, pictures="data") == page.read_text(encoding="utf-8")
    assert before != page.stat().st_ino
    assert 3 == len(list(page.parent.iterdir()))


@pytest.mark.usefixtures("open_umask")
def test_nobody_else_may_read_it_whatever_the_umask(folder: Path) -> None:
    files = archive(DAILY, folder)
    assert {"0o600"} == {mode(path) for path in files}
    assert {"0o700"} == {mode(path) for path in (folder, files[0].parent, files[0].parent.parent)}


def test_a_folder_that_others_could_read_is_closed_to_them(folder: Path) -> None:
    (folder / DAILY.report).mkdir(parents=True, mode=0o755)
    archive(DAILY, folder)
    assert "0o700" == mode(folder / DAILY.report)


def test_a_link_in_the_place_of_a_folder_is_refused_and_nothing_is_written_behind_it(
    folder: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    folder.mkdir()
    (folder / DAILY.report).symlink_to(elsewhere)
    with pytest.raises(CannotArchive, match="'aggregate_profit_daily' there is a link or no folder; remove it"):
        archive(DAILY, folder)
    assert [] == list(elsewhere.iterdir())


def test_a_link_in_the_place_of_a_file_is_replaced_and_what_it_points_at_stays(
    folder: Path, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    place = folder / DAILY.report / "2026-10-06"
    place.mkdir(parents=True)
    (place / "edition.html").symlink_to(precious)
    page, *_ = archive(DAILY, folder)
    assert "mine" == precious.read_text()
    assert not page.is_symlink()


@pytest.mark.parametrize("report", ["..", "../up", "a/b", "/etc", ".hidden", "", "a\0b", "a\n"])
def test_a_report_whose_key_leads_elsewhere_is_refused(folder: Path, report: str) -> None:
    with pytest.raises(CannotArchive, match="is no name for a folder"):
        archive(DAILY.model_copy(update={"report": report}), folder)
    assert not folder.exists()


def test_a_place_that_cannot_be_written_is_an_error_of_the_system(folder: Path) -> None:
    folder.write_text("a file")
    with pytest.raises(FileExistsError):
        archive(DAILY, folder)


def test_what_fails_half_way_leaves_no_half_file(folder: Path) -> None:
    place = folder / DAILY.report / "2026-10-06"
    # A folder in the place of a file cannot be replaced.
    (place / "edition.csv").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        archive(DAILY, folder)
    assert {"edition.html", "edition.csv"} == {path.name for path in place.iterdir()}
