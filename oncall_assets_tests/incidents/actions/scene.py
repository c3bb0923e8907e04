"""An incident of profit whose runbook has a step of each kind, in a team with stakeholders to tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.handbook.team import EmailChannel
from oncall_assets.incidents.actions.backfill import Site
from oncall_assets.incidents.actions.chosen import Asked
from oncall_assets.incidents.actions.doing import Doer
from oncall_assets.incidents.delivery.channels import channels_of
from oncall_assets.notify.channel import Channel
from oncall_assets.notify.console import Console
from oncall_assets_tests.incidents.company import handbook
from oncall_assets_tests.incidents.conftest import Watch, opened

# Cid owns profit after Ben; Ann is on call. Step 1 is nobody's but a person's.
_CID = "  cid: {name: Cid Cole, email: cid@example.com, slack: U01CID, region: GB-ENG, timezone: Europe/London}"
_TEAM = """
teams: {ops: {name: Operations, email: ops@example.com}}
"""
TEXT = "Profit of {partition} is late (incident {incident}, {severity}).\\nFound: {finding} {{sic}}"
FRONT = f"""severity: critical
actions:
  2: {{escalate: {{to: secondary}}}}
  3: {{backfill: {{asset: orders, downstream: true, before: 1}}}}
  4: {{notify: {{who: [stakeholders, metric_owner, ops], text: "{TEXT}"}}}}
  5: {{escalate: {{to: ops}}}}
"""
BACKFILL, NOTIFY, SECONDARY, OPS = 3, 4, 2, 5


def book(folder: Path, port: int = 25, front: str = FRONT) -> Handbook:
    """The handbook, whose mail goes to `port` of this machine."""
    mail = f"{{host: 127.0.0.1, port: {port}, security: none, sender: oncall@example.com}}"
    channels = f"{{slack: {{}}, email: {mail}, console: {{}}}}"
    first = handbook(folder, channels, engineers=_CID, team=_TEAM, front=front)
    team = folder / "team.yaml"
    text = team.read_text().replace("primary: ben, secondary: [ann]", "primary: ben, secondary: [cid]")
    team.write_text(
        text.replace("stakeholders: [all@example.com]", "stakeholders: [all@example.com, cfo@example.com]")
    )
    return load_handbook(first.folder, frozenset())


def mailed(handbook: Handbook) -> list[Channel]:
    """The e-mail of the handbook as the pager has it."""
    assert isinstance(handbook.team.channels.email, EmailChannel)
    quiet = Console(lambda _: None)
    return [one for one in channels_of(handbook.team, quiet, lambda _: None) if one.name == "email"]


@contextmanager
def incident(
    instance: dg.DagsterInstance, url: str, folder: Path, port: int = 25, *, partition: str | None = "2026-01-07"
) -> Iterator[Watch]:
    """A pager that has told Ann of incident 1, a failed check of profit; its Slack is a post."""
    made = book(folder / "book", port)
    with opened(instance, url, folder, "slack", book=made, more=mailed(made)) as watch:
        watch.post.people = frozenset({"ann", "ben", "cid"})
        watch.tick()
        watch.report("profit", partition=partition)
        watch.tick()
        yield watch


def doer(watch: Watch, site: Callable[[], Site] | None = None) -> Doer:
    """Does steps on the ledger of the pager, with its instance and assets."""
    desk = watch.round.desk
    return Doer(watch.round.ledger, desk, site or (lambda: Site(watch.round.instance, desk.lineage.graph)))


def by(who: str, step: int, *, again: bool = False) -> Asked:
    return Asked(1, step, who, again)


def story(watch: Watch, step: int) -> list[tuple[str | None, str]]:
    """The lines of the story about the step."""
    return [(line.who, line.text) for line in watch.round.ledger.story(1) if line.what == f"step {step}"]
