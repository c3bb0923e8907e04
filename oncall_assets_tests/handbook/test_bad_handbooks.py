"""Handbooks with one fault each, and the exact words that people read about it.

A folder of `handbooks/bad` holds what differs from `handbooks/good`: files that are new or changed,
`removed.txt` with those that are gone, and `expected.txt` with what is reported.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from oncall_assets.handbook import HandbookError, load_handbook
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.rota.check import check_rota

HANDBOOKS = Path(__file__).parent.parent / "handbooks"
BAD = sorted(folder.name for folder in (HANDBOOKS / "bad").iterdir())
ABOUT_THE_TEST = {"expected.txt", "removed.txt"}


def put_together(fault: str, folder: Path) -> str:
    """The good handbook with the fault in it, in `folder`, and the text expected of it."""
    bad = HANDBOOKS / "bad" / fault
    shutil.copytree(HANDBOOKS / "good", folder)
    shutil.copytree(bad, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*ABOUT_THE_TEST))
    removed = bad / "removed.txt"
    for name in removed.read_text(encoding="utf-8").split() if removed.exists() else ():
        (folder / name).unlink()
    return (bad / "expected.txt").read_text(encoding="utf-8").rstrip("\n")


@pytest.mark.parametrize("fault", BAD)
def test_a_fault_is_reported_with_its_place_what_is_wrong_and_what_to_do(fault: str, tmp_path: Path) -> None:
    folder = tmp_path / fault
    expected = put_together(fault, folder)

    with pytest.raises(HandbookError) as refusal:
        check_rota(load_handbook(folder, frozenset(LANDED)))

    assert expected == str(refusal.value).replace(str(folder), fault)


@pytest.mark.parametrize("fault", BAD)
def test_no_message_speaks_the_language_of_the_validator(fault: str) -> None:
    text = (HANDBOOKS / "bad" / fault / "expected.txt").read_text(encoding="utf-8")

    assert [] == [
        word for word in ("Input should", "pydantic", "dictionary", "NoneType", "ruamel") if word in text
    ]


def test_the_good_handbook_has_no_fault(tmp_path: Path) -> None:
    shutil.copytree(HANDBOOKS / "good", tmp_path / "good")

    handbook = load_handbook(tmp_path / "good", frozenset(LANDED))

    check_rota(handbook)
    assert ["aggregate_profit"] == list(handbook.runbooks)


def test_all_faults_of_a_folder_are_reported_at_once_by_file_and_line(tmp_path: Path) -> None:
    put_together("many-faults", tmp_path / "many")

    with pytest.raises(HandbookError) as refusal:
        load_handbook(tmp_path / "many", frozenset(LANDED))

    found = [(Path(problem.path).name, problem.line) for problem in refusal.value.problems]
    assert sorted(found) == found
    assert {"aggregate_profit.md", "daily_growth.md", "sources.yaml", "team.yaml"} == {name for name, _ in found}
    assert 13 == len(found)


def test_a_folder_that_is_not_there_is_one_problem(tmp_path: Path) -> None:
    with pytest.raises(HandbookError) as refusal:
        load_handbook(tmp_path / "elsewhere", frozenset(LANDED))

    assert "is no folder; create it, or name another one in ONCALL_HANDBOOK" in str(refusal.value)
    assert 1 == len(refusal.value.problems)
