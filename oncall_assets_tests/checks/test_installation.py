"""The disk and the libraries under the figures: judged on a made-up machine, and asked of this one."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import pytest

from oncall_assets.checks.installation import Installation
from oncall_assets.checks.rules import Evidence, Unjudged, Verdict
from oncall_assets.checks.rules.facts import Facts
from oncall_assets.checks.rules.installation import environment, headroom
from oncall_assets.handbook import rules as written
from oncall_assets_tests.checks.tables import DAY

GIB = 2**30
FIVE, QUOTA = {"at_least": "5 GiB"}, {"quota": "20 GiB"}


class Machine:
    """A machine of a test, with its handbook in `folder`/project/book."""

    def __init__(
        self, folder: Path, free: int = 0, used: int = 0, libraries: Mapping[str, str] | None = None
    ) -> None:
        self._free, self._used, self._libraries = free, used, libraries or {}
        self._book = folder / "project" / "book"
        self._book.mkdir(parents=True, exist_ok=True)

    def free(self) -> int:
        return self._free

    def used(self) -> int:
        return self._used

    def installed(self, distribution: str) -> str | None:
        return self._libraries.get(distribution)

    def handbook(self) -> Path:
        return self._book


def asked_of(machine: Machine | Installation | None) -> Evidence:
    def read(_: str, __: object) -> None:
        raise AssertionError("no table is read")

    return Evidence("profit", DAY, read, facts=Facts(installation=machine))


def room(fields: dict[str, str], free: int, used: int, folder: Path) -> Verdict:
    rule = written.Headroom.model_validate({"rule": "headroom", **fields})
    return headroom(rule, asked_of(Machine(folder, free, used)))


@pytest.mark.parametrize(
    ("fields", "free", "used", "passed", "observed", "sentence"),
    [
        (FIVE, 5 * GIB, 0, True, 5 * GIB, "5 GiB are free where the tables are kept."),
        (
            FIVE,
            5 * GIB - 1,
            0,
            False,
            5 * GIB - 1,
            "4.99 GiB are free where the tables are kept.",
        ),
        (
            {**FIVE, **QUOTA},
            9 * GIB,
            15 * GIB,
            True,
            5 * GIB,
            "9 GiB are free where the tables are kept, and 5 GiB of the quota of 20 GiB are left.",
        ),
        (
            {**FIVE, **QUOTA},
            9 * GIB,
            15 * GIB + 1,
            False,
            5 * GIB - 1,
            "9 GiB are free where the tables are kept, and 4.99 GiB of the quota of 20 GiB are left.",
        ),
        (
            {**FIVE, **QUOTA},
            GIB // 2,
            0,
            False,
            GIB // 2,
            "512 MiB are free where the tables are kept, and 20 GiB of the quota of 20 GiB are left.",
        ),
        (
            {"at_least": "1 MiB", **QUOTA},
            9 * GIB,
            21 * GIB,
            False,
            -GIB,
            "9 GiB are free where the tables are kept, and the quota of 20 GiB is exceeded by 1 GiB.",
        ),
    ],
)
def test_headroom_is_the_smaller_of_what_is_free_and_what_is_left_of_the_quota(
    fields: dict[str, str], free: int, used: int, passed: bool, observed: int, sentence: str, tmp_path: Path
) -> None:
    found = room(fields, free, used, tmp_path)
    assert (passed, observed, sentence) == (found.passed, found.observed, found.sentence)
    assert re.fullmatch(r"at least [15] [GM]iB", found.threshold)


PINS = """\
# what figures rest on
duckdb==1.5.6  # the engine
Ibis_Framework[duckdb,polars] == 12.0
pyarrow==26.0.0 ; python_version >= "3"
old-thing==1.0 ; python_version < "3"
numpy>=2.4
wild==1.*
two==2.0 \\
    --hash=sha256:aa
-r others.txt
direct @ https://example.com/direct-1.0.whl
(not a line)

"""
INSTALLED = {"duckdb": "1.5.6", "ibis-framework": "12.0.0", "pyarrow": "26.0.0", "two": "2.0"}


def judged(
    folder: Path, installed: Mapping[str, str], packages: list[str] | None = None, text: str = PINS
) -> Verdict:
    machine = Machine(folder, libraries=installed)
    (folder / "project" / "pins.txt").write_text(text)
    rule = written.Environment(rule="environment", pins="../pins.txt", packages=packages)
    return environment(rule, asked_of(machine))


def test_libraries_as_pinned_pass_whatever_else_stands_in_the_file(tmp_path: Path) -> None:
    found = judged(tmp_path, INSTALLED)
    sentence = "All 4 pinned libraries are installed as ../pins.txt says."
    assert Verdict(True, 0, "as pinned in ../pins.txt", sentence) == found


def test_what_differs_is_named_with_both_versions(tmp_path: Path) -> None:
    found = judged(tmp_path, {**INSTALLED, "duckdb": "1.5.7", "two": "2.0.post1"})
    sentence = (
        "2 of 4 libraries differ from ../pins.txt: duckdb is 1.5.7, pinned 1.5.6, two is 2.0.post1, pinned 2.0."
    )
    rows = (
        {"library": "duckdb", "installed": "1.5.7", "pinned": "1.5.6"},
        {"library": "two", "installed": "2.0.post1", "pinned": "2.0"},
    )
    assert (False, 2, sentence, rows) == (found.passed, found.observed, found.sentence, found.sample)


def test_a_pinned_library_that_is_not_installed_differs(tmp_path: Path) -> None:
    found = judged(tmp_path, {}, ["duckdb"])
    assert "1 of 1 libraries differ from ../pins.txt: duckdb is not installed, pinned 1.5.6." == found.sentence
    assert ({"library": "duckdb", "installed": "", "pinned": "1.5.6"},) == found.sample


def test_only_the_packages_named_are_judged_however_their_name_is_spelt(tmp_path: Path) -> None:
    found = judged(tmp_path, {"ibis-framework": "12.0.0", "duckdb": "1.0"}, ["IBIS.framework"])
    assert (True, "ibis-framework is installed as ../pins.txt says.") == (found.passed, found.sentence)


def test_five_differences_are_named_and_the_others_counted(tmp_path: Path) -> None:
    found = judged(tmp_path, {}, text="".join(f"p{number}==1\n" for number in range(7)))
    assert found.sentence.endswith("p4 is not installed, pinned 1 and 2 more.")
    assert (7, 5) == (found.observed, len(found.sample))


@pytest.mark.parametrize("version", ["1.5", "1.5.0", "1.5.0+build.7"])
def test_versions_are_equal_where_pip_finds_them_equal(version: str, tmp_path: Path) -> None:
    assert judged(tmp_path, {"p": version}, text="p==1.5\n").passed


@pytest.mark.parametrize("version", ["1.5.1", "1.5rc1", "no version at all"])
def test_versions_differ_where_pip_finds_that_they_do(version: str, tmp_path: Path) -> None:
    assert not judged(tmp_path, {"p": version}, text="p==1.5\n").passed


def test_a_release_candidate_may_be_pinned(tmp_path: Path) -> None:
    assert judged(tmp_path, {"p": "1.5rc1"}, text="p==1.5rc1\n").passed
    assert judged(tmp_path, {"p": "1.5rc1+local"}, text="p==1.5rc1\n").passed


@pytest.mark.parametrize(
    ("text", "packages", "expected"),
    [
        (PINS, ["numpy"], "../pins.txt does not pin numpy; expected a line such as numpy==1.0.0"),
        (PINS, ["duckdb", "wild", "old-thing"], "../pins.txt does not pin wild, old-thing; expected a line"),
        ("# nothing yet\n", None, "../pins.txt pins nothing; expected lines such as duckdb==1.5.6"),
        ("\udcff", None, "../pins.txt cannot be read as text (UnicodeDecodeError)"),
    ],
)
def test_a_file_that_does_not_say_cannot_judge(
    text: str, packages: list[str] | None, expected: str, tmp_path: Path
) -> None:
    machine = Machine(tmp_path)
    (tmp_path / "project" / "pins.txt").write_bytes(text.encode(errors="surrogateescape"))
    rule = written.Environment(rule="environment", pins="../pins.txt", packages=packages)
    with pytest.raises(Unjudged, match=re.escape(expected)):
        environment(rule, asked_of(machine))


def test_a_file_that_is_not_there_is_named_as_it_was_written(tmp_path: Path) -> None:
    rule = written.Environment(rule="environment", pins="../pins.txt")
    with pytest.raises(Unjudged, match=r"there is no file \.\./pins\.txt beside the handbook in .*/project/book"):
        environment(rule, asked_of(Machine(tmp_path)))


def test_a_folder_instead_of_a_file_cannot_judge(tmp_path: Path) -> None:
    rule = written.Environment(rule="environment", pins="..")
    with pytest.raises(Unjudged, match=r"\.\. cannot be read as text \(IsADirectoryError\)"):
        environment(rule, asked_of(Machine(tmp_path)))


def test_without_a_machine_to_ask_nothing_is_judged() -> None:
    rules = (written.Environment(rule="environment", pins="p"), written.Headroom(rule="headroom", at_least="1 GB"))  # type: ignore[arg-type]
    for rule, judge in zip(rules, (environment, headroom), strict=True):
        with pytest.raises(Unjudged, match="nothing is known of the disk and the libraries here"):
            judge(rule, asked_of(None))  # type: ignore[operator]


def test_tables_take_up_what_their_files_do_wherever_they_lie(tmp_path: Path) -> None:
    deep = tmp_path / "warehouse" / "profit" / "_partition=2026-01-01"
    deep.mkdir(parents=True)
    (deep / "a.parquet").write_bytes(b"x" * 1000)
    (tmp_path / "warehouse" / "b").write_bytes(b"x" * 24)
    (tmp_path / "ledger.sqlite").write_bytes(b"not a table")
    (tmp_path / "warehouse" / "elsewhere").symlink_to(tmp_path)
    links = (tmp_path / "warehouse" / "elsewhere").lstat().st_size
    assert 1024 + links == Installation(tmp_path, tmp_path).used()


def test_an_installation_without_tables_has_used_nothing_and_knows_its_disk(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "book", tmp_path / "not" / "yet")
    disk = os.statvfs(tmp_path)
    assert 0 == installation.used()
    assert 0 < installation.free() <= disk.f_blocks * disk.f_frsize
    assert tmp_path / "book" == installation.handbook()


def test_files_that_vanish_while_they_are_counted_count_as_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "warehouse"
    (folder / "gone").mkdir(parents=True)
    (folder / "kept").write_bytes(b"x" * 7)
    (folder / "lost").write_bytes(b"x" * 9)
    scandir = os.scandir

    def slow(path: str | Path) -> os._ScandirIterator[str]:
        # Between the listing of a folder and the look at what is in it, another run is done with its files.
        found = scandir(os.fspath(path))
        if Path(path) == folder:
            found = type("Listed", (list,), {"__enter__": lambda s: s, "__exit__": lambda *_: None})(found)
            (folder / "lost").unlink()
            (folder / "gone").rmdir()
        return found

    monkeypatch.setattr(os, "scandir", slow)
    assert 7 == Installation(tmp_path, tmp_path).used()


def test_versions_are_those_of_this_environment(tmp_path: Path) -> None:
    installation = Installation(tmp_path, tmp_path)
    assert metadata.version("duckdb") == installation.installed("duckdb")
    assert None is installation.installed("no-such-library-at-all")


def test_the_constraints_of_this_project_are_met_by_its_own_environment() -> None:
    project = Path(__file__).parents[2]
    machine = Installation(project / "runbooks", project)
    rule = written.Environment(
        rule="environment", pins="../constraints.txt", packages=["duckdb", "ibis-framework", "pyarrow"]
    )
    found = environment(rule, asked_of(machine))
    assert found.passed, found.sentence
