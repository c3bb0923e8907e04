"""The page as people read it in a terminal or a log."""

from __future__ import annotations

from oncall_assets.notify.console import Console, as_text
from oncall_assets_tests.notify.pages import FULL


def test_a_page_tells_everything_in_aligned_lines() -> None:
    rule = "━" * 96
    assert as_text(FULL).splitlines() == [
        rule,
        "  INCIDENT 12  CRITICAL  completeness failed on aggregate_profit",
        rule,
        "  On call     Alice Johnson",
        "              turn 40 of the rotation, from Mon 2026-09-28 09:00 to Mon 2026-10-05 09:00",
        "              America/New_York",
        "  Secondary   Bob Smith",
        "  Answer by   2026-10-04 04:14 UTC (Sun 00:14 America/New_York), within 1 h",
        "  Resolve by  2026-10-04 07:14 UTC (Sun 03:14 America/New_York), within 4 h",
        "",
        "  What        check completeness of asset aggregate_profit",
        "  Partition   2026-10-03",
        "  Happened    2026-10-04 03:12 UTC (Sat 23:12 America/New_York)",
        "  Finding     71 of 100 rows of the accounting filing are there.",
        "  Observed    0.71",
        "  Threshold   at least 0.99",
        "  Sample      record_id  amount_cents",
        "              r-17       1999",
        "              r-18       -",
        "",
        "  Pipeline    aggregate_profit, for investors",
        "  Owners      Bob Smith, Alice Johnson",
        "  Downstream  investor_report (INVESTOR FIGURES)",
        "              dashboard",
        "              and 3 more",
        "  Skipped     weekly_profit",
        "",
        "  Runbook     runbooks/aggregate_profit.md",
        "              2. Compare the filing with the landed rows.",
        "              3. Land the missing file again.",
        "              4. Re-run the day.",
        "",
        "  Check       http://127.0.0.1:3000/assets/aggregate_profit?view=checks&checkDetail=completeness",
        "  Run         http://127.0.0.1:3000/runs/5f0c",
        rule,
    ]


def test_what_a_page_lacks_leaves_no_empty_lines() -> None:
    bare = FULL.model_copy(
        update={
            "pipeline": None, "audience": None, "owners": (), "affected": (), "more_affected": 0,
            "not_computed": (), "runbook": None, "steps": (), "links": (), "sample": "",
            "observed": None, "threshold": None,
        }
    )  # fmt: skip
    lines = as_text(bare).splitlines()
    assert "" not in [lines[-2], lines[4]]
    assert 1 == lines.count("")


def test_control_characters_from_data_do_not_reach_the_terminal() -> None:
    evil = "\x1b[2J\x1b]0;owned\x07 gone \u202eesrever\r\nnext\x00"
    text = as_text(FULL.model_copy(update={"finding": evil, "sample": evil, "title": evil, "partition": evil}))
    assert set() == {letter for letter in text if not letter.isprintable()} - {"\n"}


def test_a_finding_cannot_forge_another_line_of_the_page() -> None:
    text = as_text(FULL.model_copy(update={"finding": "fine\n  On call     Mallory"}))
    assert "  Finding     fine On call Mallory" in text.splitlines()


def test_the_console_reaches_everybody() -> None:
    written: list[str] = []
    console = Console(written.append)
    console.send(FULL, "alice")
    assert [as_text(FULL)] == written
    assert console.reaches("whoever")
