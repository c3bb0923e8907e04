"""Messages in Slack's blocks: all that is to be told, within its limits, and nothing that it would act upon."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.notify.blockkit import blocks, escape, fallback
from oncall_assets.notify.message import Link, Message, marked
from oncall_assets_tests.notify.pages import ACKNOWLEDGED, FULL, HANDOFF, RESOLVED, STORM


def _texts(message: Message) -> list[str]:
    parts = blocks(message)
    return [(part.get("text") or part["elements"][0])["text"] for part in parts]


def test_the_message_tells_what_the_page_tells() -> None:
    whole = "\n".join(_texts(FULL))
    for part in (
        "CRITICAL · completeness failed on aggregate_profit", "71 of 100 rows", "failed 41 more times since",
        "at least 0.99", "0.71", "r-17", "*On call* Alice Johnson\nturn 40", "*Secondary* Bob Smith",
        "investor_report (INVESTOR FIGURES)", "*Also failing* investor_report:complete @ 2026-10-03, job:nightly",
        "and 2 more", "Bob Smith, Alice", "3. Land the missing file again.", "*Not judged* weekly_profit:trend",
        "<http://127.0.0.1:3000/runs/5f0c|Run>", "within 4 h", "Incident 12", "2026-10-03", "oncall resolve 12",
    ):  # fmt: skip
        assert part in whole


def test_what_decides_comes_first() -> None:
    page = FULL.model_copy(update={"telling": "escalated", "why": "Bob Smith did not answer within 1 h"})
    head, first, *_ = _texts(page)
    assert "CRITICAL · ESCALATED · completeness failed on aggregate_profit" == head
    assert [
        "*Finding* 71 of 100 rows of the accounting filing are there.",
        "failed 41 more times since",
        "*Answer* by 2026-10-04 04:14 UTC (Sun 00:14 America/New_York), within 1 h",
        "oncall ack 12",
        "*For* Alice Johnson: Bob Smith did not answer within 1 h",
    ] == first.splitlines()


def test_marks_come_before_everything_also_in_the_notification() -> None:
    late = marked(FULL, possible_repeat=True, late=timedelta(minutes=47))
    assert "*possible repeat: an earlier try may have arrived* · *late: written 47 min ago*" == _texts(late)[0]
    start = "[possible repeat: an earlier try may have arrived] [late: written 47 min ago] Incident 12, critical: "
    assert fallback(late).startswith(start)


@pytest.mark.parametrize(
    ("message", "texts", "notification"),
    [
        (
            RESOLVED,
            [
                "RESOLVED · completeness failed on aggregate_profit",
                "*By* a check that passes again\n*After* 1 h 20 min",
            ],
            "Incident 12 resolved: completeness failed on aggregate_profit",
        ),
        (
            ACKNOWLEDGED,
            ["ACKNOWLEDGED · completeness failed on aggregate_profit", "*By* Bob Smith"],
            "Incident 12 acknowledged: completeness failed on aggregate_profit",
        ),
        (
            HANDOFF,
            [HANDOFF.title, "*With* Bob Smith\n*Note* the filing is late this month\n*Note* ask Finance, not IT"],
            HANDOFF.title,
        ),
        (
            STORM,
            [
                "14 messages at once",
                "#12 critical: completeness failed on aggregate_profit (2026-10-03)\n"
                "#13 minor: Run failed: growth\nand 12 more",
                "*Answer* oncall incidents lists what is open, oncall ack 17 answers number 17",
            ],
            "14 messages at once",
        ),
    ],
)
def test_the_other_kinds_tell_theirs(message: Message, texts: list[str], notification: str) -> None:
    assert (texts, notification) == (_texts(message), fallback(message))


def test_nobody_on_call_is_said() -> None:
    page = FULL.model_copy(update={"primary": None, "secondary": None, "because": ()})
    assert "*On call* nobody\n*Secondary* nobody\n" in "\n".join(_texts(page))
    assert "On call: nobody." in fallback(page)


def test_mentions_and_links_in_data_are_shown_and_not_followed() -> None:
    evil = "<!channel> <@U999> <http://evil.example|click> &lt;"
    person = FULL.to.model_copy(update={"name": evil})
    link = Link(title=evil, url="http://d.example/|x> <!here>")
    page = FULL.model_copy(
        update={"finding": evil, "title": evil, "sample": f"```{evil}", "runbook": evil, "why": evil,
                "marks": (evil,), "others": (evil,), "to": person, "links": (link,)}
    )  # fmt: skip
    everything = json.dumps(blocks(page)) + fallback(page)
    notice = HANDOFF.model_copy(update={"title": evil, "rows": ((evil, evil),)})
    everything += json.dumps(blocks(notice)) + fallback(notice)
    assert [False] * 3 == [part in everything for part in ("<!", "<@", "<http://evil")]
    assert "&lt;!channel&gt; &lt;@U999&gt; &lt;http://evil.example|click&gt; &amp;lt;" in everything
    assert "<http://d.example/%7Cx&gt; &lt;!here&gt;|" in everything
    assert 2 == everything.count("```")


@pytest.mark.parametrize("long", ["<&>" * 4000, "word " * 3000])
def test_no_part_is_longer_than_slack_takes(long: str) -> None:
    page = FULL.model_copy(
        update={"finding": long, "title": long, "sample": long, "steps": (long,) * 9, "because": (long,),
                "why": long, "what": long, "partition": long, "observed": long, "threshold": long,
                "owners": (long,) * 50, "not_computed": (long,) * 12, "key": long, "runbook": long,
                "others": (long,) * 9, "marks": (long,)}
    )  # fmt: skip
    rows = tuple((long, long) for _ in range(400))
    messages: list[Message] = [
        page, HANDOFF.model_copy(update={"title": long, "rows": rows}), RESOLVED.model_copy(update={"rows": rows}),
        STORM.model_copy(update={"title": long, "lines": (long,) * 400}),
    ]  # fmt: skip
    for message in messages:
        parts = blocks(message)
        heads = [part["text"]["text"] for part in parts if part["type"] == "header"]
        assert [True] == [0 < len(head) <= 150 for head in heads]
        assert all(0 < len(text) <= 3000 for text in [*_texts(message), fallback(message)])
        assert len(parts) <= 50


@given(st.text(max_size=60), st.integers(min_value=1, max_value=60))
@settings(max_examples=150)
def test_escaped_text_stays_within_its_limit_and_whole(text: str, limit: int) -> None:
    escaped = escape(text, limit)
    assert len(escaped) <= limit
    bare = escaped.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert set() == set(bare) & set("<>&")
