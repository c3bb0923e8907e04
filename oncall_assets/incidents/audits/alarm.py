"""Telling people straight over the channels: neither ledger nor outbox, which may be what is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from oncall_assets.handbook import Handbook
from oncall_assets.incidents.audits.memory import Known, Told
from oncall_assets.incidents.audits.words import Words
from oncall_assets.incidents.policy.recipients import everyone, shift_at
from oncall_assets.notify.channel import Channel, DeliveryError, preferred
from oncall_assets.notify.message import Message, Page
from oncall_assets.rota import Rota

_REPEAT = "possible repeat"


@dataclass
class Outcome:
    """Who was told over what, whether a page may have arrived all the same, and what went wrong, a line each."""

    told: list[Told] = field(default_factory=list)
    doubtful: bool = False
    troubles: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Alarm:
    """Tells the people of `handbook` over `channels`; the console is not one of them: it reaches nobody in bed."""

    handbook: Handbook
    rota: Rota
    channels: Sequence[Channel]
    words: Words
    print_page: Callable[[Page], None]

    def page(self, key: str, known: Known, others: tuple[str, ...], repeat: bool, now: datetime) -> Outcome:
        """Tell the on-call primary (and the secondary too, if it was told before), then whoever can be reached.

        `repeat`: an earlier try may have arrived. Stops at the first step of which anybody was reached.
        """
        outcome = Outcome()
        tried: set[str] = set()
        for people in self._steps(known, now):
            for person in dict.fromkeys(people):
                if person in tried:
                    continue
                page = self.words.page(key, known, others, person, now)
                if repeat:
                    page = page.model_copy(update={"marks": (_REPEAT,)})
                if not tried:
                    self.print_page(page)
                tried.add(person)
                self._reach(page, person, known, outcome)
            if outcome.told:
                break
        return outcome

    def over(self, key: str, known: Known, now: datetime) -> Outcome:
        """Tell those in `known.told` that it is over; the outcome has those who need not be told again."""
        outcome = Outcome()
        by_name = {channel.name: channel for channel in self.channels}
        for one in known.told:
            channel = by_name.get(one.channel)
            if (
                one.person not in self.handbook.team.engineers
                or channel is None
                or not channel.reaches(one.person)
            ):
                outcome.told.append(one)
                continue
            update = self.words.over(key, known, one.person, now)
            if not channel.takes(update) or self._send(channel, update, one.person, one.receipt, outcome):
                outcome.told.append(one)
        return outcome

    def _steps(self, known: Known, now: datetime) -> list[tuple[str, ...]]:
        last = everyone(self.handbook, now)
        shift = shift_at(self.rota, now)
        if shift is None:
            return [last]
        if known.told:
            return [(shift.primary, shift.secondary), last]
        return [(shift.primary,), (shift.secondary,), last]

    def _reach(self, page: Page, person: str, known: Known, outcome: Outcome) -> None:
        """Over the channels that the team chose for critical pages; over the others if none of those works."""
        chosen = self.handbook.team.severities["critical"].via
        reaching = [channel for channel in self.channels if channel.reaches(person) and channel.takes(page)]
        first = preferred(reaching, chosen)
        if not reaching:
            outcome.troubles.append(f"no channel has an address of {person}")
        if not self._over(first, page, known, outcome):
            self._over([channel for channel in reaching if channel not in first], page, known, outcome)

    def _over(self, channels: Iterable[Channel], page: Page, known: Known, outcome: Outcome) -> bool:
        person, reached = page.to.key, False
        receipts = {(one.person, one.channel): one.receipt for one in known.told}
        for channel in channels:
            if self._send(channel, page, person, receipts.get((person, channel.name)), outcome):
                reached = True
        return reached

    def _send(self, channel: Channel, message: Message, person: str, thread: str | None, outcome: Outcome) -> bool:
        """Whether it went out. An update that is refused for good counts as told, as trying again cannot help."""
        try:
            receipt = channel.send(message, person, thread)
        except DeliveryError as error:
            outcome.doubtful |= error.in_doubt
            outcome.troubles.append(f"{channel.name} did not reach {person}: {error}")
            return error.permanent and not isinstance(message, Page)
        except Exception as error:  # noqa: BLE001 - a channel that breaks must not keep the others from trying
            outcome.doubtful = True
            outcome.troubles.append(f"{channel.name} did not reach {person}: {type(error).__name__}: {error}")
            return False
        if isinstance(message, Page):
            outcome.told.append(Told(person=person, channel=channel.name, receipt=thread or receipt))
        return True
