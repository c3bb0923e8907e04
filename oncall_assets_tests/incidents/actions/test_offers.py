"""The page says which of its steps the program can do, with the command and a launchpad that is filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import dagster as dg
import pytest
from ruamel.yaml import YAML

from oncall_assets.incidents.actions.offers import Launchpad, offers
from oncall_assets.incidents.jobs import StepToRun
from oncall_assets.notify.blockkit import blocks
from oncall_assets.notify.console import as_text
from oncall_assets.notify.html import as_html
from oncall_assets.notify.message import Page, message_from
from oncall_assets.notify.pagerduty import _event
from oncall_assets_tests.incidents.actions.scene import book, incident
from oncall_assets_tests.incidents.conftest import Watch

# Of the three steps on the page the first is done by hand.
COMMANDS = ("oncall run-step 1 2", "oncall run-step 1 3")


@pytest.fixture
def watch(instance: dg.DagsterInstance, tmp_path: Path) -> Iterator[Watch]:
    with incident(instance, f"sqlite:///{tmp_path / 'ledger.sqlite'}", tmp_path) as made:
        yield made


@pytest.fixture
def page(watch: Watch) -> Page:
    """What Ben gets, from a pager that knows its code location."""
    desk = replace(watch.round.desk, location="oncall_assets")
    watch.round = replace(watch.round, desk=desk)
    watch.tick(after=desk.handbook.team.severities["critical"].respond)
    (mine,) = [one for one in watch.post.pages if one.to.key == "ben"]
    return mine


def config_of(url: str) -> Any:
    (text,) = parse_qs(urlsplit(url).query, strict_parsing=True)["config"]
    return YAML(typ="safe").load(text)


def test_each_step_with_an_action_stands_on_its_line_with_what_it_does_and_the_command(watch: Watch) -> None:
    text = as_text(watch.post.pages[0])
    first = "2. Compare the filing. (pages secondary: oncall run-step 1 2)"
    second = "3. Land the file again. (backfills orders and downstream: oncall run-step 1 3)"
    assert f"  {first}\n" in text
    assert f"  {second}\n" in text
    assert "oncall run-step 1 4" not in text


def test_without_a_code_location_the_page_has_the_commands_and_no_launchpad(watch: Watch) -> None:
    (first, *_) = watch.post.pages
    assert COMMANDS == tuple(one.command for one in first.offers)
    assert {None} == {one.url for one in first.offers}
    assert "playground" not in as_text(first)


def test_the_launchpad_is_filled_in_for_the_incident_the_step_and_whoever_reads_it(page: Page) -> None:
    addresses = [one.url or "" for one in page.offers]
    for step, url in zip((2, 3), addresses, strict=True):
        assert url.startswith(
            "http://dagster.example/locations/oncall_assets/jobs/oncall_run_step/playground/setup?config="
        )
        expected = {"incident": 1, "step": step, "by": "ben", "confirm": False}
        config = config_of(url)
        assert {"ops": {"run_step": {"config": expected}}} == config
        StepToRun(**config["ops"]["run_step"]["config"])


def test_every_channel_shows_command_and_link(page: Page) -> None:
    url = page.offers[1].url or ""
    for command in COMMANDS:
        assert command in as_text(page, ruled=False)
        assert command in as_html(page)
        assert command in json.dumps(blocks(page))
        assert command in _event(page)["payload"]["custom_details"]["Runbook"]
    assert f"  Do step 3     {url}\n" in as_text(page)
    assert f'<a href="{url}">' in as_html(page)
    assert f"<{url}|Do step 3>" in json.dumps(blocks(page))
    assert {"href": url, "text": "Do step 3"} in _event(page)["links"]


def test_a_page_that_waits_in_the_ledger_keeps_its_offers(page: Page) -> None:
    assert page == message_from(page.model_dump_json())
    assert page.model_copy(update={"offers": ()}) == message_from(page.model_dump_json(exclude={"offers"}))


def test_a_team_is_nobody_who_can_answer_so_its_launchpad_leaves_the_name_open() -> None:
    config = config_of(Launchpad("http://dagster.example", "loc", "").url(7, 3) or "")
    assert "" == config["ops"]["run_step"]["config"]["by"]


def test_a_repository_of_its_own_is_named_as_the_ui_names_it() -> None:
    url = Launchpad("http://d", "repo@a b", "ann").url(7, 3) or ""
    assert url.startswith("http://d/locations/repo@a%20b/jobs/")


def test_a_step_that_was_rewritten_since_is_not_offered(watch: Watch, tmp_path: Path) -> None:
    changed = book(tmp_path / "changed")
    runbook = changed.runbooks["profit"]
    rewritten = ("Look.", "Compare it with the filing.", *runbook.procedure[2:])
    changed.runbooks["profit"] = replace(runbook, procedure=rewritten)
    case = watch.round.ledger.case(1)
    found = offers(changed, case, 1, Launchpad("http://d", None, "ann"))
    assert COMMANDS[1:] == tuple(one.command for one in found)


def test_an_incident_without_a_runbook_offers_nothing(watch: Watch) -> None:
    case = watch.round.ledger.case(1).model_copy(update={"runbook": None})
    assert () == offers(watch.round.desk.handbook, case, 1, Launchpad("http://d", None, "ann"))
