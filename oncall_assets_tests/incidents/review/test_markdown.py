"""What people and data wrote stands in a review as they wrote it, and is never markup."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from oncall_assets.incidents.review.markdown import bullets, table
from oncall_assets.notify.message import printable

# As Dagster's UI reads it, and with HTML, so that a tag that slips through is seen.
READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

# Letters that mean something, more often than chance would have them.
WRITTEN = st.text(st.one_of(st.sampled_from("|`*_~[]()<>&#!+-=.$\\\"'1 ab\n"), st.characters()), max_size=40)


def _cells(lines: list[str]) -> list[str]:
    """The text of each cell or item, which must be nothing but text."""
    found = []
    for token in READER.parse("\n".join(lines)):
        if token.type == "inline":
            found.append("".join(_text(child) for child in token.children or ()))
    return found


def _text(token: Token) -> str:
    assert "text" == token.type.removesuffix("_special"), token
    return token.content


def _read(text: str) -> str:
    return " ".join(printable(text).split())


@given(WRITTEN, WRITTEN)
@example(r"a\(b", r"a\|b")
@settings(max_examples=150)
def test_any_text_stands_in_a_table_as_it_is(one: str, other: str) -> None:
    cells = _cells(table(("what", "count"), [(one, other)], numbers=[1]))
    assert ["what", "count", _read(one), _read(other)] == cells


@given(WRITTEN.filter(lambda text: bool(_read(text))))
@example("# x")
@example("- x")
@example("+ x")
@example("= x")
@example("1. x")
@example("2) x")
@example("> x")
@settings(max_examples=150)
def test_any_text_stands_in_a_list_as_it_is(text: str) -> None:
    tokens = READER.parse("\n".join(bullets([text])))
    kinds = [token.type for token in tokens if token.type.endswith("_open")]
    assert ["bullet_list_open", "list_item_open", "paragraph_open"] == kinds
    assert [_read(text)] == _cells(bullets([text]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aggregate_profit", "aggregate_profit"),
        ("_x_ and *y*", r"\_x\_ and \*y\*"),
        ("a | b", r"a \| b"),
        ("<b>`late`</b> & so on", r"&lt;b&gt;\`late\`&lt;/b&gt; &amp; so on"),
        ("two\nlines", "two lines"),
        ("![](http://evil.example/x)", r"!\[\](http://evil.example/x)"),
    ],
)
def test_only_what_would_be_markup_is_escaped(text: str, expected: str) -> None:
    assert f"| {expected} |" == table(("what",), [(text,)])[2]


def test_numbers_stand_to_the_right() -> None:
    assert ["| a | b |", "| --- | ---: |", "| x | 1 |", ""] == table(("a", "b"), [("x", "1")], numbers=[1])
