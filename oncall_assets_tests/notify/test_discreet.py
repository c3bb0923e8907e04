"""Figures that go to investors: in the mail to whoever is on call, and elsewhere only where the team said so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from oncall_assets.handbook.team import Team
from oncall_assets.incidents.delivery.channels import channels_of, console_of
from oncall_assets.notify.channel import Channel
from oncall_assets.notify.discreet import HIDDEN, without_figures
from oncall_assets.notify.layout import blocks
from oncall_assets.notify.message import Message, message_from
from oncall_assets_tests.notify.pages import ACKNOWLEDGED, FULL, HANDOFF, RESOLVED, STORM
from oncall_assets_tests.notify.team import team
from oncall_assets_tests.pagerduty_server import pagerduty_server
from oncall_assets_tests.slack_server import slack_server
from oncall_assets_tests.smtp_server import smtp_server

# What FULL tells of figures, each in its own field.
FIGURES = ("71 of 100", "0.71", "at least 0.99", "1999")
PLAIN = (("Watch", "weekly watch"), ("Fails", f"complete on profit: {HIDDEN}"))
TELLING = HANDOFF.model_copy(update={"rows": (*PLAIN[:1], ("Fails", "71 of 100")), "discreet": PLAIN})
KEEPING = (
    "title", "severity", "what", "partition", "happened_at", "others", "affected", "not_computed", "runbook",
    "steps", "links", "why", "because", "respond_by", "id", "dedup",
)  # fmt: skip


def told(message: Message) -> str:
    """All that a reader may see of it, but for its headline."""
    return json.dumps([row.lines for group in blocks(message) for row in group])


def test_of_a_page_for_investors_no_figure_is_left_and_all_else_is() -> None:
    assert all(figure in told(FULL) for figure in FIGURES)
    page = without_figures(FULL, "slack")
    assert [] == [figure for figure in FIGURES if figure in told(page)]
    assert "channels.slack.investor_figures in team.yaml" in told(page)
    before, after = FULL.model_dump(), page.model_dump()
    assert {name: before[name] for name in KEEPING} == {name: after[name] for name in KEEPING}
    assert {"finding", "observed", "threshold", "sample"} == {
        name for name in before if before[name] != after[name]
    }


@pytest.mark.parametrize("audience", ["stakeholders", None, "investors.of.old"])
def test_a_page_for_other_people_is_as_it_was_though_investors_are_downstream(audience: str | None) -> None:
    page = FULL.model_copy(update={"audience": audience})
    assert any(one.investors for one in page.affected)
    assert page == without_figures(page, "slack")


def test_evidence_that_has_no_figures_is_told() -> None:
    late = FULL.model_copy(update={"figures": False})
    assert late == without_figures(late, "slack")


@pytest.mark.parametrize("message", [RESOLVED, ACKNOWLEDGED, HANDOFF, STORM])
def test_messages_that_tell_no_figures_stay(message: Message) -> None:
    assert message == without_figures(message, "slack")


def test_a_notice_has_the_rows_that_were_written_instead() -> None:
    assert TELLING.model_copy(update={"rows": PLAIN, "discreet": None}) == without_figures(TELLING, "slack")
    assert TELLING == message_from(TELLING.model_dump_json())


def test_what_the_ledger_kept_before_there_was_such_a_thing_is_taken_to_tell_figures() -> None:
    written = json.loads(FULL.model_dump_json())
    del written["figures"]
    assert FULL == message_from(json.dumps(written))


class Everywhere:
    """Every channel of a team, each with somebody who listens; `heard` is all that each was told, as text."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._slack = stack.enter_context(slack_server())
        self._phone = stack.enter_context(pagerduty_server())
        self._mail = stack.enter_context(smtp_server(folder, "none"))
        self._log: list[str] = []

    def channels(self, **more: Any) -> dict[str, Channel]:
        """By name; `more` are settings of all but e-mail."""
        mail = {"host": "127.0.0.1", "port": self._mail.port, "sender": "oncall@example.com", "security": "none"}
        made: Team = team(
            {
                "slack": {"base_url": self._slack.url, **more},
                "pagerduty": {"base_url": self._phone.url, **more},
                "console": more,
                "email": mail,
            }
        )
        found = channels_of(made, console_of(made, self._log.append), pytest.fail)
        return {channel.name: channel for channel in found}

    @property
    def heard(self) -> dict[str, str]:
        mails = [part.get_content() for one in self._mail.received for part in one.mail.iter_parts()]
        return {
            "slack": json.dumps(self._slack.messages),
            "pagerduty": json.dumps(self._phone.events),
            "console": "\n".join(self._log),
            "email": "\n".join(mails),
        }


@pytest.fixture
def everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Everywhere]:
    monkeypatch.setenv("ONCALL_SLACK_TOKEN", "xoxb-test")
    monkeypatch.setenv("ANN_KEY", "0123456789abcdef0123456789abcdef")
    monkeypatch.setenv("INFRA_KEY", "0123456789abcdef0123456789abcdef")
    monkeypatch.delenv("ONCALL_SMTP_USER", raising=False)
    with ExitStack() as stack:
        yield Everywhere(stack, tmp_path)


def test_unless_the_team_says_so_only_mail_shows_them(everywhere: Everywhere) -> None:
    for channel in everywhere.channels().values():
        channel.send(FULL, "ann", None)
    shown = {name: [figure for figure in FIGURES if figure in text] for name, text in everywhere.heard.items()}
    assert {"slack": [], "pagerduty": [], "console": [], "email": [*FIGURES]} == shown
    where = {name: f"channels.{name}.investor_figures" in text for name, text in everywhere.heard.items()}
    assert {"slack": True, "pagerduty": True, "console": True, "email": False} == where


def test_where_the_team_says_so_all_show_them(everywhere: Everywhere) -> None:
    for channel in everywhere.channels(investor_figures=True).values():
        channel.send(FULL, "ann", None)
    shown = {name: [figure for figure in FIGURES if figure in text] for name, text in everywhere.heard.items()}
    assert {name: [*FIGURES] for name in ("slack", "pagerduty", "console", "email")} == shown


@pytest.mark.parametrize(
    ("allowed", "shows"), [({}, ["email"]), ({"investor_figures": True}, ["slack", "console", "email"])]
)
def test_a_notice_shows_its_own_rows_only_where_it_may(
    everywhere: Everywhere, allowed: dict[str, bool], shows: list[str]
) -> None:
    for channel in everywhere.channels(**allowed).values():
        if channel.takes(TELLING):
            channel.send(TELLING, "ann", None)
    assert shows == [name for name, text in everywhere.heard.items() if "71 of 100" in text]


def test_a_log_that_nobody_wrote_down_is_a_last_resort_without_figures() -> None:
    written: list[str] = []
    console_of(team({"slack": {"investor_figures": True}}), written.append).send(FULL, "ann", None)
    assert [] == [figure for figure in FIGURES if figure in written[0]]
