"""`oncall resend`: an edition once more, because somebody asked for it and never because a machine did."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from oncall_assets.cli.asking import as_option, as_whom, author_of, by_option, fail, worded
from oncall_assets.cli.edition_names import chosen, edition_options, opened_book
from oncall_assets.cli.loading import load
from oncall_assets.handbook import Handbook
from oncall_assets.handbook.audiences import member_of, members
from oncall_assets.handbook.problem import one_of, shown
from oncall_assets.incidents.asked import Refused
from oncall_assets.metrics.days import Days
from oncall_assets.notify.message import printable

if TYPE_CHECKING:
    from oncall_assets.incidents.ledger.edition_records import Claimed, CopyRecord, EditionRecord, NewCopy
    from oncall_assets.incidents.ledger.editions import EditionBook
    from oncall_assets.notify.smtp import Mailer
    from oncall_assets.reports.cadence import Planned

# As long as the ledger keeps of who sends an edition.
_WHO: Final = 500


@click.command()
@edition_options
@click.option("--to", "addresses", multiple=True, metavar="ADDRESS", help="Only to these of its recipients.")
@click.option("--because", required=True, help="Why they need it again, for the ledger.")
@by_option
@click.option("--yes", is_flag=True, help="Do not ask, as in a script.")
@click.pass_obj
def resend(
    folder: Path,
    /,
    name: str,
    period: str,
    addresses: tuple[str, ...],
    because: str,
    author: str | None,
    yes: bool,
) -> None:
    """Send an edition once more as it was sent, marked `Resent:` in its subject.

    Nothing happens before you have seen to whom, and said yes. Where copies of the time before are waiting still,
    it goes on with those.
    """
    handbook, now = load(folder), datetime.now(UTC)
    one, days = chosen(handbook, name, period)
    who, reason = author_of(handbook, author, now), worded(because, "'--because'")
    with as_option("'--to'"):
        wanted = _recipients(handbook, one, addresses)
    with opened_book() as book:
        last = _last(book, one, days)
        mailer = _mailer(handbook)
        again = _Again(handbook, book, mailer, last, f"oncall resend by {who}: {reason}"[:_WHO])
        names = ", ".join(again.addresses(one, wanted))
        click.echo(printable(f"{one.key} for {days} goes once more, as it was sent, to {names}."))
        if not yes:
            click.confirm(f"Send it as {as_whom(handbook, who)}?", abort=True)
        record = again.send(one, wanted)
    from oncall_assets.cli.edition_words import outcome

    click.echo(printable(f"{one.key} for {days}, as {as_whom(handbook, who)}: {outcome(record)}."))
    if record.state != "sent":
        fail(f"Look at it with `oncall editions {one.key}`.")


def _recipients(handbook: Handbook, one: Planned, addresses: tuple[str, ...]) -> Set[str]:
    """The addresses of its recipients, or those given, in small letters. Raises Refused for one that is none."""
    every = {member.address for name in one.report.to for member in members(handbook.team, name).values()}
    known = {address.casefold(): address for address in sorted(every)}
    for address in addresses:
        if address.casefold() not in known:
            raise Refused(f"{shown(address)} is no recipient of {one.key}; {one_of(address, known.values())}")
    return {address.casefold() for address in addresses} or known.keys()


def _mailer(handbook: Handbook) -> Mailer:
    from oncall_assets.incidents.delivery.channels import mailer_of

    reasons: list[str] = []
    mailer = mailer_of(handbook.team, reasons.append)
    return mailer or fail("; ".join(reasons))


def _last(book: EditionBook, one: Planned, days: Days) -> EditionRecord:
    """The edition as it was sent last; one that cannot be sent again yet ends the command."""
    last = book.latest(one.key, str(days))
    name = f"{one.key} for {days}"
    if last is None:
        fail(f"{name} was never sent, so it cannot be sent again")
    if last.state == "doubtful":
        fail(f"{name} is in doubt; say first with `oncall settle` what became of its copies")
    if last.state == "sending" and not last.repeat:
        fail(f"{name} is on its way still; `oncall editions {one.key}` says how it stands")
    return last


@dataclass(frozen=True, slots=True)
class _Again:
    """The edition `last` once more; `sender` is who does it in the ledger, where else a run stands."""

    handbook: Handbook
    book: EditionBook
    mailer: Mailer
    last: EditionRecord
    sender: str

    def addresses(self, one: Planned, wanted: Set[str]) -> list[str]:
        """Whom it goes to: those wanted, or of a time that did not end those who are waiting."""
        if self._goes_on:
            return [copy.address for copy in self.last.copies if copy.state in ("waiting", "sending")]
        return [copy.address for copy in self._copies(one, wanted)]

    def send(self, one: Planned, wanted: Set[str]) -> EditionRecord:
        from oncall_assets.incidents.ledger.edition_records import Won
        from oncall_assets.reports.edition import Edition
        from oncall_assets.reports.post import send
        from oncall_assets.reports.rendering import as_mail

        claimed = self._claimed(one, wanted)
        if not isinstance(claimed, Won):
            fail(
                f"somebody else is sending {one.key} for {self.last.period} at this moment; look again in a while"
            )
        edition = Edition.model_validate_json(claimed.edition.content)

        def mail(copy: CopyRecord) -> bytes:
            member = member_of(self.handbook.team, copy.recipient)
            name = member.audience if member else copy.recipient
            return as_mail(edition, self.mailer.sender, name, copy.address, copy.message_id).as_bytes()

        return send(self.book, claimed.edition, mail, self.mailer, lambda: datetime.now(UTC))

    @property
    def _goes_on(self) -> bool:
        return self.last.state == "sending"

    def _claimed(self, one: Planned, wanted: Set[str]) -> Claimed:
        from oncall_assets.incidents.ledger.edition_records import NewEdition
        from oncall_assets.reports.post import CLAIM

        last, now = self.last, datetime.now(UTC)
        if self._goes_on:
            same = NewEdition(last.report, last.period, last.due, last.content, last.composed_at, ())
            return self.book.begin(same, self.sender, now, now + CLAIM)
        copies = self._copies(one, wanted)
        return self.book.again(last.report, last.period, copies, now, now + CLAIM, self.sender)

    def _copies(self, one: Planned, wanted: Set[str]) -> list[NewCopy]:
        from oncall_assets.reports.post import copies_for

        report, period, repeat = self.last.report, self.last.period, self.last.repeat + 1
        sender, team = self.mailer.sender, self.handbook.team
        every = copies_for(team, one.report.to, report=report, period=period, repeat=repeat, sender=sender)
        return [copy for copy in every if copy.address.casefold() in wanted]
