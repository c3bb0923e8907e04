"""What an edition says, whatever the channel."""

from __future__ import annotations

from oncall_assets.reports.edition import Edition, Value
from oncall_assets.reports.rendering import wording
from oncall_assets_tests.reports.rendering.editions import DAILY, MONTHLY


def test_the_subject_names_the_report_and_the_period() -> None:
    assert "Aggregate profit for Tuesday, October 6, 2026" == wording.subject(DAILY)


def test_an_edition_that_is_sent_again_says_so_in_the_subject_and_at_its_head() -> None:
    again = MONTHLY.model_copy(update={"repeat": 2})
    assert "Resent: Investor report for October 2026" == wording.subject(again)
    titles = [box.title for box in wording.boxes(again)]
    assert ["Resent", "Released although held", "Provisional"] == titles


def test_an_ordinary_edition_has_nothing_before_its_figures() -> None:
    assert [] == wording.boxes(DAILY)


def test_an_override_says_who_when_why_and_what_held_it() -> None:
    (released, _) = wording.boxes(MONTHLY)
    assert "warning" == released.kind
    assert (
        "By Alice Johnson (alice), Nov 2, 2026, 9:28 PM America/New_York (2026-11-03 02:28 UTC).",
        "Because: the board meets at 09:00 and has been told of the open check",
        "Held for: Check completeness of aggregate_profit failed for 2026-10-14: 99.31 % of the filing's total; "
        "expected at least 99.5 %.",
        "Held for: Incident 39 (critical) is open on aggregate_profit; resolve it or release the edition.",
    ) == released.lines


def test_each_figure_stands_beside_the_period_before_and_the_year_before() -> None:
    profit = wording.rows(DAILY)[0]
    assert ("Profit", "$4,739,966.45", "") == profit[:3]
    assert (
        ("the day before", "+6.4%", "$4,456,391.64"),
        ("a year before", "+39.3%", "$3,402,117.09"),
    ) == profit.compared


def test_a_figure_without_a_value_says_why_and_still_shows_what_was() -> None:
    sessions = wording.rows(MONTHLY)[3]
    assert ("n/a", "the period has no rows") == (sessions.value, sessions.why)
    assert (("the month before", "n/a", "3.40"), ("a year before", "n/a", "3.90")) == sessions.compared


def test_a_change_from_nothing_shows_the_nothing_and_why_there_is_no_change() -> None:
    profit = DAILY.figures[0].model_copy(update={"before": Value(amount=-500), "year_ago": Value()})
    (row,) = wording.rows(DAILY.model_copy(update={"figures": (profit,)}))
    assert (
        ("the day before", "n/a", "-$5.00; nothing above 0 to compare with"),
        ("a year before", "n/a", ""),
    ) == row.compared


def test_a_restatement_shows_old_new_change_and_cause() -> None:
    profit, churn = wording.restatements(MONTHLY)
    assert ("Profit, September 2026", ("Sent as $7,113.00, now $6,000.00 (-15.6%).",)) == (
        profit.title,
        profit.lines[:1],
    )
    assert "Sent as n/a (no accounts to compare with), now 3.1%." == churn.lines[0]
    assert "Cause: account_events of August were loaded again with the code of 2026-10-12" == churn.lines[1]


def test_coverage_that_lacks_a_little_is_not_shown_as_whole_and_freshness_is_its_oldest_part() -> None:
    assert [
        "Coverage: 99.9% of the days upstream are present.",
        "Oldest part computed: Nov 1, 2026, 1:12 AM America/New_York (06:12 UTC).",
    ] == wording.data(MONTHLY)


def test_coverage_and_freshness_that_nobody_knows_are_not_made_up() -> None:
    unknown = DAILY.model_copy(update={"coverage": None, "computed_at": None})
    assert ["Coverage: n/a.", "Oldest part computed: n/a."] == wording.data(unknown)


def test_the_footer_names_team_report_table_instants_and_currency() -> None:
    text = "\n".join(wording.footer(DAILY))
    for expected in ("Data engineering", "aggregate_profit_daily", "USD", "UTC", "Composed Oct 7, 2026, 6:00 AM"):
        assert expected in text


def test_what_people_wrote_cannot_move_a_cursor_or_turn_the_reading_direction() -> None:
    edition: Edition = DAILY.model_copy(update={"provisional": "late\x1b[2J\u202e\r\nevents"})
    assert ("late [2J events",) == wording.boxes(edition)[0].lines
