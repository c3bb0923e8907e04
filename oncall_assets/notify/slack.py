"""Pages as Slack messages to one person, so that whoever is on call is told where they already are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from oncall_assets.notify.channel import DeliveryError
from oncall_assets.notify.message import Message, Notice, Page, instant, printable, shorten

# https://docs.slack.dev/reference/block-kit/blocks
_HEADER_LIMIT = 150
_TEXT_LIMIT = 3000
_BLOCKS_LIMIT = 50

# What Slack answers when it may succeed later; every other error of its own stays as it is.
_PASSING = {
    "ratelimited", "rate_limited", "message_limit_exceeded", "internal_error", "fatal_error",
    "service_unavailable", "request_timeout", "team_added_to_org", "accesslimited",
}  # fmt: skip


class Slack:
    """Messages by `chat.postMessage` to member ids; `members` maps engineers' keys to them."""

    name = "slack"

    def __init__(self, client: WebClient, members: Mapping[str, str]) -> None:
        self._client = client
        self._members = members

    def reaches(self, person: str) -> bool:
        return person in self._members

    def send(self, message: Message, person: str) -> None:
        """Raises DeliveryError; permanent if Slack refused the message, the token or the person."""
        if person not in self._members:
            raise DeliveryError(f"{person} has no Slack member id in team.yaml", permanent=True)
        try:
            self._client.chat_postMessage(
                channel=self._members[person],
                text=fallback(message),
                blocks=blocks(message),
                parse="none",
                link_names=False,
                unfurl_links=False,
                unfurl_media=False,
            )
        except SlackApiError as error:
            raise _refusal(error) from error
        except (OSError, HTTPException, UnicodeDecodeError) as error:
            # A cut or silent connection: the page may have arrived, and a repeat is better than a loss.
            raise DeliveryError(f"Slack was not reached: {error}", permanent=False) from error


def _refusal(error: SlackApiError) -> DeliveryError:
    status = error.response.status_code
    reason = shorten(str(error.response.get("error")), 200)
    passing = status != 200 or reason in _PASSING or reason.startswith("Received a response in a non-JSON")
    return DeliveryError(f"Slack answered {status}: {reason}", permanent=not passing)


def fallback(message: Message) -> str:
    """What a notification shows: a notice's title; of a page the incident, the finding, and who is on call."""
    if isinstance(message, Notice):
        return escape(message.title, _TEXT_LIMIT)
    page = message
    head = f"Incident {page.incident}, {page.severity}: {page.title}. "
    return escape(f"{head}{page.finding} On call: {page.primary.name}.", _TEXT_LIMIT)


def blocks(message: Message) -> list[dict[str, Any]]:
    """The message in Block Kit, each part within Slack's limits and all text from data escaped."""
    return _notice(message) if isinstance(message, Notice) else _page(message)


def _notice(notice: Notice) -> list[dict[str, Any]]:
    rows = [_section(_lines([row])) for row in notice.rows]
    return [_header(notice.title), *(row for row in rows if row)][:_BLOCKS_LIMIT]


def _page(page: Page) -> list[dict[str, Any]]:
    parts = [
        _section(_lines(_evidence(page))),
        _section("```\n" + escape(page.sample.replace("`", "'"), _TEXT_LIMIT - 8) + "\n```")
        if page.sample
        else None,
        _section(_lines(_people(page))),
        _section(_lines(_consequences(page))),
        _section(_procedure(page)),
        _section(" · ".join(f"<{_url(link.url)}|{escape(link.title, 100)}>" for link in page.links[:3])),
        _context(f"Incident {page.incident} · {page.key}"),
    ]
    head = _header(f"{page.severity.upper()} · {page.title}")
    return [head, *(part for part in parts if part)][:_BLOCKS_LIMIT]


def _header(title: str) -> dict[str, Any]:
    text = {"type": "plain_text", "text": escape(title, _HEADER_LIMIT), "emoji": False}
    return {"type": "header", "text": text}


def escape(text: str, limit: int) -> str:
    """At most `limit` characters that Slack shows as `text`: no mention, link or entity comes out of it.

    https://docs.slack.dev/messaging/formatting-message-text, "escaping text".
    """
    escaped = [_ENTITIES.get(letter, letter) for letter in printable(text)]
    if sum(map(len, escaped)) <= limit:
        return "".join(escaped)
    kept, room = [], limit - 1
    for letter in escaped:
        room -= len(letter)
        if room < 0:
            break
        kept.append(letter)
    return "".join(kept) + "…"


_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def _evidence(page: Page) -> Sequence[tuple[str, str | None]]:
    return (
        ("What", page.what),
        ("Partition", page.partition),
        ("Finding", page.finding),
        ("Observed", page.observed),
        ("Threshold", page.threshold),
    )


def _people(page: Page) -> Sequence[tuple[str, str | None]]:
    return (
        ("On call", f"{page.primary.name} ({'; '.join(page.because)})"),
        ("Secondary", page.secondary.name),
        ("Happened", instant(page.happened_at, page.primary.timezone)),
        ("Answer by", page.answer_by),
        ("Resolve by", page.resolve_by),
    )


def _consequences(page: Page) -> Sequence[tuple[str, str | None]]:
    return (
        ("Pipeline", f"{page.pipeline}, for {page.audience}" if page.audience else page.pipeline),
        ("Owners", ", ".join(page.owners)),
        ("Affected downstream", ", ".join(page.downstream)),
        ("Skipped", ", ".join(page.not_computed)),
    )


def _procedure(page: Page) -> str:
    if page.runbook is None:
        return ""
    steps = "\n".join(escape(step, 640) for step in page.steps[:4])
    return f"*Runbook* {escape(page.runbook, 300)}\n{steps}"


def _lines(rows: Sequence[tuple[str, str | None]]) -> str:
    # 500 a row keeps a section of five rows under Slack's limit without cutting its last row off.
    return "\n".join(f"*{label}* {escape(' '.join(value.split()), 500)}" for label, value in rows if value)


def _section(text: str) -> dict[str, Any] | None:
    if not text:
        return None
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _context(text: str) -> dict[str, Any]:
    element = {"type": "mrkdwn", "text": escape(text, 2000), "verbatim": True}
    return {"type": "context", "elements": [element]}


def _url(url: str) -> str:
    # A bar would end the address and let the rest pass for its title.
    return escape(url, 800).replace("|", "%7C")
