"""Positions in files, and files that are hardly files at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncall_assets.handbook import HandbookError
from oncall_assets.handbook.source import field_path, read_front_matter, read_yaml
from oncall_assets.handbook.tree import Loc, plain


def written(folder: Path, text: str, name: str = "file.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize(
    ("loc", "expected"),
    [
        ((), (1, 1)),
        (("team",), (2, 1)),
        (("order", 1), (5, 5)),
        (("order", 1, 0), (5, 6)),
        (("order", 7), (3, 1)),
        (("flow", "inner"), (6, 8)),
        (("flow", "absent"), (6, 1)),
        (("merged", "base"), (8, 1)),
        (("years", "2025"), (10, 3)),
    ],
)
def test_a_problem_stands_at_its_field_or_at_the_nearest_that_is_written(
    loc: Loc, expected: tuple[int, int], tmp_path: Path
) -> None:
    text = (
        "# a comment\nteam: data\norder:\n  - [a, b]\n  - [c, d]\nflow: {inner: 1}\nroot: &root {base: 1}\n"
        "merged: {<<: *root, own: 2}\nyears:\n  2025: eng1\n"
    )
    source = read_yaml(written(tmp_path, text))

    problem = source.problem(loc, "is wrong")

    # The file as a whole begins at its first field, not at a comment above it.
    assert (expected if loc else (2, 1)) == (problem.line, problem.column)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_of_front_matter_are_counted_from_the_top_of_the_file(end: str, tmp_path: Path) -> None:
    lines = ["---", "purpose: x", "metrics: []", "---", "", "# Title", "body"]
    source = read_front_matter(written(tmp_path, end.join(lines), "runbook.md"))

    assert 3 == source.problem(("metrics",), "is empty").line
    assert 5 == source.body_line
    assert "\n# Title\nbody" == source.body


def test_a_byte_order_mark_in_front_is_no_fault(tmp_path: Path) -> None:
    assert {"team": "data"} == read_yaml(written(tmp_path, "\ufeffteam: data\n")).tree
    assert {"team": "data"} == read_front_matter(written(tmp_path, "\ufeff---\nteam: data\n---\n")).tree


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1:1: (file): holds nothing; expected fields with a name each"),
        ("- 1\n", "1:1: (file): holds a list; expected fields with a name each"),
        ("just words\n", "1:1: (file): holds a single value; expected fields with a name each"),
        ("a: " + "[" * 1000, "1:1: (file): is nested too deeply; expected a few levels"),
        ("a: 1\nb: 2026-13-01\n", "2:4: (file): 2026-13-01 is not a date: month must be in 1..12; "),
        ("a: 'x\x07'\n", "1:1: (file): is not YAML: unacceptable character #x0007: special characters "),
        ("a: 1\n\tb: 2\n", "2:1: (file): is not YAML: found character '\\t' that cannot start any token; "),
        ("a: 1\n---\nb: 2\n", "2:1: (file): is not YAML: but found another document; "),
        ("a:\n  b: 1\n  b: 2\n", '3:3: (file): the key "b" stands here a second time; keep one of the two'),
    ],
)
def test_what_is_no_mapping_is_one_problem_and_never_a_traceback(text: str, expected: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)

    with pytest.raises(HandbookError) as refusal:
        read_yaml(path)

    assert str(refusal.value).startswith(f"{path}:{expected}")
    assert 1 == len(refusal.value.problems)


def test_a_file_of_bytes_is_refused_where_the_text_ends(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(b"team: \xff\xfe")

    with pytest.raises(HandbookError, match="is not UTF-8 at byte 6; save it as UTF-8"):
        read_yaml(path)


def test_values_come_out_as_plain_types_that_guess_nothing(tmp_path: Path) -> None:
    text = "flag: &flag true\nalso: *flag\nword: yes\nten: 1_0\nhour: 09:00\nnone:\nmany: [1, 0.5]\n"
    tree = plain(read_yaml(written(tmp_path, text)).tree)

    expected = {
        "flag": True,
        "also": True,
        "word": "yes",
        "ten": 10,
        "hour": "09:00",
        "none": None,
        "many": [1, 0.5],
    }
    assert expected == tree
    assert [bool, bool, str, int, str, type(None), list] == [type(value) for value in tree.values()]


def test_a_field_path_reads_as_people_write_it() -> None:
    assert "rotation.order[0][1]" == field_path(("rotation", "order", 0, 1))
    assert "(file)" == field_path(())
