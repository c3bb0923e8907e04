"""The watchdog tells what is broken past the pager: once, again each hour, and when it is over."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from oncall_assets_tests.incidents.audits.world import TOKEN, World, world

HOUR = timedelta(hours=1)
BROKEN = "The handbook does not load, so the rota cannot be told"


@pytest.fixture
def well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world in which the watchdog has found nothing."""
    with world(tmp_path, monkeypatch) as made:
        assert [] == made.round()
        yield made


def whom(watched: World) -> list[str]:
    return [channel for channel, _ in watched.told()]


def test_where_all_is_well_nobody_is_told_and_nothing_is_said(well: World) -> None:
    assert [[], [], []] == [well.round(), well.round(), well.round()]
    assert ([], []) == (well.told(), well.said)


def test_a_finding_is_told_when_it_was_seen_twice_and_once_only(well: World) -> None:
    well.break_handbook()
    assert ["handbook"] == well.round()
    assert [] == well.told()
    for _ in range(4):
        assert ["handbook"] == well.round()
    ((channel, text),) = well.told()
    assert ("U01ANN", True) == (channel, BROKEN in text)


def test_the_page_says_what_is_wrong_and_what_to_do(well: World) -> None:
    well.break_handbook()
    well.round()
    well.round()
    (message,) = well.slack.messages
    text = json.dumps(message, ensure_ascii=False)
    for words in (
        "CRITICAL",
        "Europe/Londn",
        "team.yaml",
        "oncall check-handbook",
        "docs/watchdog.md",
        "Ann Archer",
    ):
        assert words in text
    assert TOKEN not in text + "".join(well.said) + well.memory.read_text()


def test_the_console_has_every_page_once_too(well: World) -> None:
    well.break_handbook()
    for _ in range(4):
        well.round()
    assert 1 == sum("oncall check-handbook" in text for text in well.said)


def test_a_finding_seen_at_one_look_only_is_noise(well: World) -> None:
    for _ in range(3):
        mend = well.break_handbook()
        well.round()
        mend()
        well.round()
    assert [] == well.told()


def test_looks_far_apart_are_not_in_a_row(well: World) -> None:
    well.break_handbook()
    well.round()
    well.round(after=timedelta(minutes=11))
    assert [] == well.told()
    well.round()
    assert ["U01ANN"] == whom(well)


def test_what_still_holds_is_told_again_each_hour_to_primary_and_secondary(well: World) -> None:
    well.break_handbook()
    well.round()
    well.round()
    for _ in range(14):
        well.round(after=timedelta(minutes=5))
    assert ["U01ANN", "D01ANN", "U01BEN"] == whom(well)
    assert "reminded" in well.told()[-1][1]
    assert [False, True, False] == ["thread_ts" in message for message in well.slack.messages]


def test_a_restart_keeps_quiet_for_the_rest_of_the_hour(well: World) -> None:
    well.break_handbook()
    well.round()
    well.round()
    for _ in range(5):
        well.start()
        well.round(after=timedelta(minutes=9))
    assert ["U01ANN"] == whom(well)
    well.start()
    well.round(after=timedelta(minutes=9))
    well.round(after=timedelta(minutes=9))
    assert ["U01ANN", "D01ANN", "U01BEN"] == whom(well)


def test_those_who_were_told_hear_that_it_is_over_also_after_a_restart(well: World) -> None:
    mend = well.break_handbook()
    well.round()
    well.round()
    well.start()
    mend()
    assert [] == well.round()
    well.round()
    (_, page), (channel, text) = well.told()
    assert BROKEN in page
    assert ("D01ANN", True, True) == (channel, "resolved" in text.lower(), BROKEN in text)


def test_what_comes_back_within_the_hour_is_not_told_twice(well: World) -> None:
    for _ in range(2):
        mend = well.break_handbook()
        well.round()
        well.round()
        mend()
        well.round()
    assert 2 == len(well.told()), "the page, and that it is over"
    well.break_handbook()
    well.round(after=HOUR)
    well.round()
    assert ["U01ANN", "D01ANN", "U01ANN"] == whom(well)
    assert "reminded" not in well.told()[-1][1]


def test_that_it_is_over_is_tried_again_while_slack_is_down(well: World) -> None:
    mend = well.break_handbook()
    well.round()
    well.round()
    mend()
    well.slack.answer = "500"
    well.round()
    well.round()
    well.slack.answer = "ok"
    well.round()
    well.round()
    assert 4 == len(well.told()), "a page, two refusals, and the one that was taken"


def test_that_it_is_over_is_tried_for_an_hour_however_old_the_page_is(well: World) -> None:
    mend = well.break_handbook()
    well.round()
    well.round()
    well.slack.answer = "500"
    for _ in range(6):
        well.round(after=timedelta(minutes=9))
    mend()
    for _ in range(6):
        well.round(after=timedelta(minutes=9))
    assert 7 == len(well.told()), "the page, and six refusals"
    for _ in range(2):
        well.round(after=timedelta(minutes=9))
    well.slack.answer = "ok"
    well.round()
    assert 9 == len(well.told()), "given up after an hour"


def test_whoever_cannot_be_reached_is_passed_over_for_the_next(well: World) -> None:
    well.slack.answer = "invalid_auth"
    well.slack.on_request = lambda: setattr(well.slack, "answer", "ok")
    well.break_handbook()
    for _ in range(3):
        well.round()
    assert ["U01ANN", "U01BEN"] == whom(well)
    assert any("slack did not reach ann" in line for line in well.said)
    assert any(f"told ben over slack: {BROKEN}" in line for line in well.said)


def test_where_nobody_is_reached_it_is_tried_at_each_round(well: World) -> None:
    well.break_handbook()
    well.slack.answer = "429"
    for _ in range(4):
        well.round()
    assert ["U01ANN", "U01BEN"] * 3 == whom(well)
    assert 1 == sum("NOBODY WAS REACHED" in line for line in well.said)
    assert 1 == sum("oncall check-handbook" in text for text in well.said)
    well.slack.answer = "ok"
    for after in (timedelta(0), HOUR, timedelta(0)):
        well.round(after)
    assert ["U01ANN", "D01ANN", "U01BEN"] == whom(well)[6:]
    assert 2 == sum("oncall check-handbook" in text for text in well.said)
    assert not any("possible repeat" in text for _, text in well.told()), "Slack said that it took none"


def test_what_may_have_arrived_is_marked_when_it_is_sent_again(well: World) -> None:
    well.break_handbook()
    well.slack.answer = "hang up"
    well.round()
    well.round()
    well.start()
    well.slack.answer = "ok"
    well.round()
    assert "possible repeat" not in well.told()[0][1]
    assert "possible repeat" in well.told()[-1][1]


def test_a_watchdog_killed_while_it_told_tells_again_and_says_so(well: World) -> None:
    well.break_handbook()
    well.round()
    kept: list[str] = []
    well.slack.on_request = lambda: kept.append(well.memory.read_text())
    well.round()
    # What stood on disk while the page was on its way is what a restart finds after a kill.
    well.memory.write_text(kept[0])
    well.start()
    well.slack.on_request = lambda: None
    well.round()
    assert [False, True] == ["possible repeat" in text for _, text in well.told()]


def test_a_finding_that_another_explains_is_part_of_its_page(well: World) -> None:
    well.lives = False
    well.round(after=timedelta(minutes=5))
    assert {"daemon", "pager"} == set(well.round())
    ((_, text),) = well.told()
    assert "The pager is silent: Dagster's daemon has stopped" in text
    assert "its sensor makes no ticks" in json.dumps(well.slack.messages[0])


def test_what_cannot_be_seen_is_not_over(well: World) -> None:
    well.lives = False
    well.round(after=timedelta(minutes=5))
    well.round()
    home = well.folder / "dagster"
    home.rename(well.folder / "elsewhere")
    assert ["storage"] == well.round()
    assert ["storage"] == well.round()
    (well.folder / "elsewhere").rename(home)
    assert {"daemon", "pager"} == set(well.round())
    daemon, *storage = [text for _, text in well.told()]
    assert "daemon has stopped" in daemon
    assert [True, True] == ["storage cannot be read" in text for text in storage]


def test_the_outside_monitor_hears_only_of_rounds_in_which_all_was_well(well: World) -> None:
    well.heartbeat = True
    well.start()
    well.round()
    mend = well.break_handbook()
    assert [["handbook"], ["handbook"]] == [well.round(), well.round()]
    assert ["/ping/secret-uuid"] == well.web.beats
    mend()
    well.round()
    assert 2 == len(well.web.beats)
    assert "secret-uuid" not in "".join(well.said)


def test_a_heartbeat_that_fails_is_said_and_told_to_nobody(well: World) -> None:
    well.heartbeat = True
    well.start()
    well.web.body = well.web.answer()
    well.web.status = 404
    well.round()
    well.round()
    assert ["the heartbeat was refused: the monitor answered 404"] == well.said
    assert [] == well.told()


def test_a_broken_memory_is_started_anew_with_a_warning(well: World) -> None:
    well.memory.write_text('{"findings": ')
    well.start()
    (warning,) = well.said
    assert "starts anew" in warning


def test_a_memory_that_cannot_be_written_holds_up_no_page(well: World) -> None:
    well.memory.unlink()
    well.memory.mkdir()
    well.break_handbook()
    for _ in range(4):
        well.round()
    assert ["U01ANN"] == whom(well)
    assert 1 == sum("cannot be written" in line for line in well.said)


def test_without_any_handbook_it_is_said_that_nobody_can_be_told(well: World) -> None:
    shutil.rmtree(well.folder / "handbook")
    shutil.rmtree(well.folder / "watch-handbook")
    well.start()
    well.round()
    well.round()
    well.round()
    assert 1 == sum("nobody can be told" in line for line in well.said)
