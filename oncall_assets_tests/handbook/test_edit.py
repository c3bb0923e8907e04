"""A line added to a file that people keep: that line is there, and every other byte is as it was."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from oncall_assets.handbook.edit import CannotEdit, one_line, replace_text, with_item

SWAP = {"kind": "swap", "turn": date(2026, 5, 4), "give": "alice", "take": "bob", "requested": date(2026, 4, 20)}
LINE = "{kind: swap, turn: 2026-05-04, give: alice, take: bob, requested: 2026-04-20}"
TEAMS = sorted(Path(__file__).parents[2].glob("*/**/team.yaml"))

# Comments in odd places, two kinds of quotes, a folded and a literal text, uneven blanks: all of it is somebody's.
ABOVE = """\
# The team.

team:   'data'     # odd blanks
because: >-
  folded over
  two lines
engineers:
    alice: {name: "Alice",  phone: "+1 555 0100" }
"""
BELOW = """
# What is below.
audiences: {investors: [ir@example.com]}
note: |+
  kept

"""


def load(text: str) -> Any:
    return YAML(typ="rt").load(text)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("changes: []\n", f"changes:\n  - {LINE}\n"),
        ("changes: []   # none yet\n", f"changes:   # none yet\n  - {LINE}\n"),
        ("changes:\n", f"changes:\n  - {LINE}\n"),
        ("changes: ~  # nothing\n", f"changes:  # nothing\n  - {LINE}\n"),
        ("changes:\n- {a: 1}\n", f"changes:\n- {{a: 1}}\n- {LINE}\n"),
        ("changes:\n    - {a: 1}  # first\n", f"changes:\n    - {{a: 1}}  # first\n    - {LINE}\n"),
        ("changes:\n  - a: 1\n    b:\n      - x\n", f"changes:\n  - a: 1\n    b:\n      - x\n  - {LINE}\n"),
        ("changes:\n  - because: |\n      Why\n\n", f"changes:\n  - because: |\n      Why\n  - {LINE}\n\n"),
        ("changes:\n  - {a: 1}\n  # later ones\n", f"changes:\n  - {{a: 1}}\n  - {LINE}\n  # later ones\n"),
        ("changes: [{a: 1}]  # flow\n", f"changes: [{{a: 1}}, {LINE}]  # flow\n"),
        ("changes: [{a: 1},]\n", f"changes: [{{a: 1}}, {LINE},]\n"),
        ("changes: [\n  {a: 1},  # one, or more\n]\n", f"changes: [\n  {{a: 1}},  # one, or more\n  {LINE},\n]\n"),
        ("changes: [\n    {a: 1}  # one\n  ]\n", f"changes: [\n    {{a: 1}},  # one\n    {LINE}\n  ]\n"),
        ("changes: [\n]\n", f"changes: [\n{LINE}]\n"),
    ],
)
def test_an_entry_is_added_in_the_style_of_the_list(written: str, expected: str) -> None:
    assert ABOVE + expected + BELOW == with_item(ABOVE + written + BELOW, "changes", SWAP)


def test_a_list_that_is_missing_is_added_at_the_end() -> None:
    assert f"{ABOVE}\nchanges:\n  - {LINE}\n" == with_item(ABOVE, "changes", SWAP)


def test_a_missing_list_is_indented_as_the_lists_of_the_file_are() -> None:
    assert f"away:\n- {{who: bob}}\n\nchanges:\n- {LINE}\n" == with_item("away:\n- {who: bob}\n", "changes", SWAP)


def test_line_ends_byte_order_mark_and_a_last_line_without_an_end_are_kept() -> None:
    assert f"\ufeffa: 1\r\nchanges:\r\n  - {LINE}\r\nb: 2" == with_item(
        "\ufeffa: 1\r\nchanges: []\r\nb: 2", "changes", SWAP
    )
    assert f"a: 1\nchanges:\n- {{b: 1}}\n- {LINE}\n" == with_item("a: 1\nchanges:\n- {b: 1}", "changes", SWAP)


@pytest.mark.parametrize("path", TEAMS, ids=lambda path: f"{path.parent.parent.name}-{path.parent.name}")
@pytest.mark.parametrize("key", ["changes", "away"])
def test_every_team_of_this_project_keeps_its_lines(path: Path, key: str) -> None:
    text = path.read_text(encoding="utf-8-sig")
    try:
        load(text)
    except Exception:  # noqa: BLE001 - handbooks that are broken on purpose, in whatever way
        with pytest.raises(CannotEdit):
            with_item(text, key, SWAP)
        return
    lines = with_item(text, key, SWAP).splitlines()
    lines.remove(next(line for line in lines if LINE in line))
    assert text.splitlines() in (lines, [*lines[:-2]])


@given(because=st.text(), who=st.sampled_from(["no", "null", "1.5", "2026-01-01", "a b", "éva"]))
def test_any_text_is_read_back_as_it_was_but_for_its_blanks(because: str, who: str) -> None:
    entry = {"who": who, "because": because}
    try:
        after = with_item("changes: []\n", "changes", entry)
    except CannotEdit:
        # YAML has no way to write half of a surrogate pair.
        assert any("\ud800" <= letter <= "\udfff" for letter in because)
        return
    assert [{"who": who, "because": " ".join(because.split())}] == load(after)["changes"]
    assert 2 == after.count("\n")


def test_a_time_of_day_stands_in_quotes() -> None:
    assert '{from: "2026-05-05T09:00", who: bob}' == one_line({"from": "2026-05-05T09:00", "who": "bob"})


@pytest.mark.parametrize(
    "text",
    [
        "{team: data, changes: []}\n",
        "changes: {a: 1}\n",
        "changes: some text\n",
        "changes: &all []\nothers: *all\n",
        "last: &swap {a: 1}\nchanges:\n  - [*swap\n",
        "base: &base {changes: [1]}\n<<: *base\n",
        "team: data\n...\n",
        "",
    ],
)
def test_a_layout_that_cannot_take_a_line_is_refused_with_the_line_to_add(text: str) -> None:
    with pytest.raises(CannotEdit) as refused:
        with_item(text, "changes", SWAP)
    assert str(refused.value).endswith(f"add by hand: - {LINE}")


def test_a_file_is_replaced_whole_and_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yaml", tmp_path / "team.yaml"
    real.write_text("a: 1\n")
    real.chmod(0o640)
    link.symlink_to(real)
    replace_text(link, "a: 1\n", "a: 2\n")
    assert ("a: 2\n", 0o640, True) == (real.read_text(), stat.S_IMODE(real.stat().st_mode), link.is_symlink())
    assert {real, link} == set(tmp_path.iterdir())


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "team.yaml"
    path.write_text("a: theirs\n")
    with pytest.raises(CannotEdit, match="changed by somebody else just now"):
        replace_text(path, "a: 1\n", "a: ours\n")
    assert ("a: theirs\n", [path]) == (path.read_text(), list(tmp_path.iterdir()))


def test_a_file_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CannotEdit, match=r"cannot be written \(No such file or directory\)"):
        replace_text(tmp_path / "nowhere" / "team.yaml", "", "a: 1\n")
