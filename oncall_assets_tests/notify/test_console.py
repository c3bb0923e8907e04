"""The page as people read it in a terminal or a log."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oncall_assets.notify.channel import Channel
from oncall_assets.notify.console import Console, as_text
from oncall_assets.notify.message import Link, Message, marked
from oncall_assets_tests.notify.pages import FULL, HANDOFF, RESOLVED, STORM


def test_a_page_tells_everything_in_aligned_lines() -> None:
    rule = "━" * 96
    assert as_text(FULL).splitlines() == [
        rule,
        "  INCIDENT 12  CRITICAL  completeness failed on aggregate_profit",
        rule,
        "  Finding       71 of 100 rows of the accounting filing are there.",
        "                failed 41 more times since",
        "  Answer        by 2026-10-04 04:14 UTC (Sun 00:14 America/New_York), within 1 h",
        "                oncall ack 12",
        "  For           Alice Johnson: the primary on call",
        "",
        "  What          check completeness of asset aggregate_profit",
        "  Partition     2026-10-03",
        "  Happened      2026-10-04 03:12 UTC (Sat 23:12 America/New_York)",
        "  Observed      0.71",
        "  Threshold     at least 0.99",
        "  Sample        record_id  amount_cents",
        "                r-17       1999",
        "                r-18       -",
        "  Also failing  investor_report:complete @ 2026-10-03",
        "                job:nightly",
        "                and 2 more",
        "",
        "  Pipeline      aggregate_profit, for investors",
        "  Owners        Bob Smith, Alice Johnson",
        "  Downstream    investor_report (INVESTOR FIGURES)",
        "                dashboard",
        "                and 3 more",
        "  Skipped       weekly_profit",
        "  Not judged    weekly_profit:trend",
        "",
        "  On call       Alice Johnson",
        "                turn 40 of the rotation, from Mon 2026-09-28 09:00 to Mon 2026-10-05 09:00",
        "                America/New_York",
        "  Secondary     Bob Smith",
        "  Resolve       by 2026-10-04 07:14 UTC (Sun 03:14 America/New_York), within 4 h",
        "                if no check says so: oncall resolve 12",
        "",
        "  Runbook       runbooks/aggregate_profit.md",
        "                2. Compare the filing with the landed rows.",
        "                3. Land the missing file again.",
        "                4. Re-run the day.",
        "",
        "  Check         http://127.0.0.1:3000/assets/aggregate_profit?view=checks&checkDetail=completeness",
        "  Run           http://127.0.0.1:3000/runs/5f0c",
        rule,
    ]


def test_what_a_page_lacks_leaves_no_empty_lines() -> None:
    bare = FULL.model_copy(
        update={
            "pipeline": None, "audience": None, "owners": (), "affected": (), "more_affected": 0,
            "not_computed": (), "runbook": None, "steps": (), "links": (), "sample": "",
            "observed": None, "threshold": None, "repeats": 0, "others": (), "more_others": 0, "not_judged": (),
            "because": (), "primary": None, "secondary": None, "partition": None,
        }
    )  # fmt: skip
    assert [
        "  INCIDENT 12  CRITICAL  completeness failed on aggregate_profit",
        "━" * 96,
        "  Finding       71 of 100 rows of the accounting filing are there.",
        "  Answer        by 2026-10-04 04:14 UTC (Sun 00:14 America/New_York), within 1 h",
        "                oncall ack 12",
        "  For           Alice Johnson: the primary on call",
        "",
        "  What          check completeness of asset aggregate_profit",
        "  Happened      2026-10-04 03:12 UTC (Sat 23:12 America/New_York)",
        "",
        "  On call       nobody",
        "  Secondary     nobody",
        "  Resolve       by 2026-10-04 07:14 UTC (Sun 03:14 America/New_York), within 4 h",
        "                if no check says so: oncall resolve 12",
        "━" * 96,
    ] == as_text(bare).splitlines()[1:]


def test_marks_and_what_the_escalation_did_stand_on_top() -> None:
    page = FULL.model_copy(update={"telling": "returned"})
    lines = as_text(marked(page, possible_repeat=True, late=timedelta(minutes=47))).splitlines()
    assert [
        "━" * 96,
        "  ** possible repeat: an earlier try may have arrived",
        "  ** late: written 47 min ago",
        "  INCIDENT 12  CRITICAL  BACK AGAIN  completeness failed on aggregate_profit",
        "━" * 96,
    ] == lines[:5]


def test_one_further_failure_is_one() -> None:
    assert "                failed once more since" in as_text(FULL.model_copy(update={"repeats": 1})).splitlines()


def test_an_update_tells_what_became_of_the_incident() -> None:
    rule = "─" * 96
    assert [
        rule,
        "  INCIDENT 12  RESOLVED  completeness failed on aggregate_profit",
        rule,
        "  For           Alice Johnson",
        "  By            a check that passes again",
        "  After         1 h 20 min",
        rule,
    ] == as_text(RESOLVED).splitlines()


def test_a_notice_tells_its_rows() -> None:
    assert [
        "  You are on call (primary) in 1 d, from 2026-10-05 13:00 UTC (Mon 09:00 America/New_York)",
        "",
        "  For           Alice Johnson",
        "  With          Bob Smith",
        "  Note          the filing is late this month",
        "  Note          ask Finance, not IT",
    ] == as_text(HANDOFF, ruled=False).splitlines()


def test_a_digest_lists_its_messages() -> None:
    assert [
        "  14 messages at once",
        "",
        "  For           Alice Johnson",
        "                #12 critical: completeness failed on aggregate_profit (2026-10-03)",
        "                #13 minor: Run failed: growth",
        "                and 12 more",
        "",
        "  Answer        oncall incidents lists what is open, oncall ack 17 answers number 17",
    ] == as_text(STORM, ruled=False).splitlines()


def test_control_characters_from_data_do_not_reach_the_terminal() -> None:
    evil = "\x1b[2J\x1b]0;owned\x07 gone \u202eesrever\r\nnext\x00"
    link = Link(title=evil, url=f"http://d.example/{evil}")
    page = FULL.model_copy(
        update={"finding": evil, "sample": evil, "title": evil, "partition": evil, "why": evil, "marks": (evil,),
                "others": (evil,), "links": (link,)}
    )  # fmt: skip
    text = as_text(page)
    assert set() == {letter for letter in text if not letter.isprintable()} - {"\n"}


def test_a_finding_cannot_forge_another_line_of_the_page() -> None:
    text = as_text(FULL.model_copy(update={"finding": "fine\n  On call       Mallory"}))
    assert "  Finding       fine On call Mallory" in text.splitlines()


@pytest.mark.parametrize("message", [FULL, RESOLVED, HANDOFF, STORM])
def test_the_console_reaches_everybody_with_everything(message: Message) -> None:
    written: list[str] = []
    console = Console(written.append, investor_figures=True)
    channel: Channel = console
    channel.send(message, "alice", None)
    assert [as_text(message)] == written
    assert channel.reaches("whoever")
    assert channel.takes(message)
