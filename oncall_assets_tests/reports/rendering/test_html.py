"""The page of an edition: well-formed, self-contained, and with no text in it that became markup."""

from __future__ import annotations

from base64 import b64decode
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oncall_assets.reports.edition import Edition
from oncall_assets.reports.rendering.html import as_html, content_id
from oncall_assets.reports.rendering.pictures import picture
from oncall_assets_tests.reports.rendering.editions import DAILY, LARGE, MONTHLY, strange


class Read(HTMLParser):
    """The page's elements, texts and pictures; fails where an element is not closed in its turn."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[str] = []
        self.texts: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.attributes: set[str] = set()
        self.feed(page)
        self.close()
        assert [] == self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self._seen(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"meta", "img"}
        self._seen(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def _seen(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "img":
            self.images.append(dict(attrs))


@pytest.mark.parametrize("edition", [DAILY, MONTHLY, LARGE])
def test_every_element_is_closed_in_its_turn_and_no_script_or_link_is_there(edition: Edition) -> None:
    page = Read(as_html(edition, pictures="data"))
    allowed = "html head meta title style body table tr td div h1 h2 b img ul li"
    assert set() == set(page.elements) - set(allowed.split())
    assert not [name for name in page.attributes if name.startswith("on") or name == "href"]


def test_the_archived_page_holds_its_pictures_and_needs_nothing_else() -> None:
    page = as_html(DAILY, pictures="data")
    pictures = [b64decode(str(one["src"]).removeprefix("data:image/png;base64,")) for one in Read(page).images]
    assert [picture(figure, DAILY) for figure in DAILY.figures] == pictures
    assert "http" not in page
    assert "cid:" not in page


def test_the_mailed_page_names_the_parts_that_hold_its_pictures() -> None:
    page = Read(as_html(DAILY, pictures="cid"))
    assert [f"cid:{content_id(DAILY, one)}" for one in DAILY.figures] == [one["src"] for one in page.images]
    assert 4 == len({one["src"] for one in page.images})


def test_pictures_have_a_size_and_words_for_those_who_do_not_see_them() -> None:
    image = Read(as_html(DAILY, pictures="cid")).images[0]
    assert ("560", "180", "Profit: the last 30 periods") == (image["width"], image["height"], image["alt"])


def test_two_editions_name_their_pictures_apart() -> None:
    figure = DAILY.figures[0]
    tomorrow = DAILY.model_copy(update={"first": MONTHLY.last, "last": MONTHLY.last})
    assert content_id(DAILY, figure) != content_id(tomorrow, figure)


def test_the_page_of_24_figures_is_short_enough_for_mail_programs_that_cut_long_ones() -> None:
    # Gmail shows the first 102 kB of a page.
    assert 102_000 > len(as_html(LARGE, pictures="cid").encode())


def test_the_parts_come_in_the_order_in_which_they_matter() -> None:
    texts = Read(as_html(MONTHLY.model_copy(update={"repeat": 1}), pictures="cid")).texts
    parts = [
        "Investor report", "October 2026 (UTC)", "Resent", "Released although held", "Provisional",
        "Figures", "Trend", "Definitions", "Data", "Restated since the last edition", "Known caveats",
        "Sent by Data engineering. Report investor_report_monthly, from the table aggregate_profit.",
    ]  # fmt: skip
    places = [texts.index(part) for part in parts]
    assert sorted(places) == places


def test_an_ordinary_day_has_no_empty_parts() -> None:
    page = Read(as_html(DAILY, pictures="cid"))
    assert {"Restated since the last edition", "Known caveats"}.isdisjoint(page.texts)
    assert "ul" not in page.elements


def test_a_page_without_any_series_has_no_place_for_pictures() -> None:
    bare = DAILY.model_copy(
        update={"figures": tuple(one.model_copy(update={"series": ()}) for one in DAILY.figures)}
    )
    page = Read(as_html(bare, pictures="data"))
    assert [] == page.images
    assert "Trend" not in page.texts


def test_dark_and_light_are_both_declared() -> None:
    assert '<meta name="color-scheme" content="light dark"/>' in as_html(DAILY, pictures="cid")


@given(st.text(max_size=80).map(lambda text: f"<b onload=x>\"'&{text}</title><script>"))
@example("</style></head><script>alert(1)</script>")
@example('" onerror="alert(1)" x=\'')
@settings(max_examples=60, deadline=None)
def test_what_people_and_data_wrote_is_text_wherever_it_stands(text: str) -> None:
    plain = Read(as_html(strange("plain"), pictures="cid"))
    page = Read(as_html(strange(text), pictures="cid"))
    assert plain.elements == page.elements
    assert plain.attributes == page.attributes
