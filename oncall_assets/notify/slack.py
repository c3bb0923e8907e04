"""Messages over Slack, so that whoever is on call is told where they already are, one thread to an incident."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from oncall_assets.notify.blockkit import blocks, fallback
from oncall_assets.notify.channel import DeliveryError, wait_of
from oncall_assets.notify.discreet import without_figures
from oncall_assets.notify.message import Message, Page, shorten

# What Slack answers when it may succeed later; every other error of its own stays as it is.
_PASSING = {
    "ratelimited", "rate_limited", "message_limit_exceeded", "internal_error", "fatal_error",
    "service_unavailable", "request_timeout", "team_added_to_org", "accesslimited",
}  # fmt: skip

# By Slack's own words, "some aspect of the operation" may have succeeded all the same.
_DOUBTFUL = {"internal_error", "fatal_error"}

# The thread, or the conversation it was in, is no longer there; the person still may be.
_THREAD_GONE = {
    "thread_not_found", "message_not_found", "channel_not_found", "invalid_thread_ts", "cannot_reply_to_message",
    "restricted_action_thread_locked",
}  # fmt: skip


class Slack:
    """Messages by `chat.postMessage`; `addresses` maps people's keys to member ids (U…) or channel ids (C…)."""

    name = "slack"

    def __init__(self, client: WebClient, addresses: Mapping[str, str], *, investor_figures: bool = False) -> None:
        """`investor_figures`: whether its messages show such."""
        self._client = client
        self._addresses = addresses
        self._investor_figures = investor_figures

    def reaches(self, person: str) -> bool:
        return person in self._addresses

    def takes(self, message: Message) -> bool:  # noqa: ARG002 - a chat is for everything
        return True

    def send(self, message: Message, person: str, thread: str | None) -> str | None:
        """Returns `channel:timestamp` of the message, which as `thread` makes the next one a reply to it.

        Raises DeliveryError: permanent if Slack refused the message, the token or the person; in doubt if the
        request went out and no answer came that says what became of it.
        """
        if person not in self._addresses:
            raise DeliveryError(f"{person} has no Slack member id in team.yaml", permanent=True)
        told = message if self._investor_figures else without_figures(message, self.name)
        try:
            answer = self._post(told, self._addresses[person], thread)
        except SlackApiError as error:
            raise _refusal(error) from error
        except URLError as error:
            # Raised while connecting or sending, so that Slack has no whole request.
            mistrusted = isinstance(error.reason, ssl.SSLCertVerificationError)
            raise DeliveryError(f"Slack was not reached: {error.reason}", permanent=mistrusted) from error
        except (OSError, HTTPException, UnicodeDecodeError) as error:
            raise DeliveryError(f"Slack did not answer: {error}", permanent=False, in_doubt=True) from error
        channel, at = answer.get("channel"), answer.get("ts")
        return f"{channel}:{at}" if channel and at else None

    def _post(self, message: Message, address: str, thread: str | None) -> SlackResponse:
        channel, _, root = thread.partition(":") if thread else ("", "", "")
        if not root:
            return self._call(message, channel=address)
        # A reply alone is easily missed; whoever is paged again sees it in the conversation too.
        loud = isinstance(message, Page)
        try:
            return self._call(message, channel=channel, thread_ts=root, reply_broadcast=loud)
        except SlackApiError as error:
            if error.response.get("error") not in _THREAD_GONE:
                raise
            return self._call(message, channel=address)

    def _call(self, message: Message, **where: Any) -> SlackResponse:
        return self._client.chat_postMessage(
            text=fallback(message),
            blocks=blocks(message),
            parse="none",
            link_names=False,
            unfurl_links=False,
            unfurl_media=False,
            **where,
        )


def _refusal(error: SlackApiError) -> DeliveryError:
    status = error.response.status_code
    reason = shorten(str(error.response.get("error")), 200)
    broken = status >= 500
    passing = broken or status in {408, 429} or (status == 200 and _passes(reason))
    return DeliveryError(
        f"Slack answered {status}: {reason}",
        permanent=not passing,
        # One that says it is not available (503) has not taken the message; one that broke down may have.
        in_doubt=reason in _DOUBTFUL or (broken and status != 503),
        retry_after=wait_of(error.response.headers.get("Retry-After")),
    )


def _passes(reason: str) -> bool:
    # A page to log in to the network, for one, is not Slack's answer.
    return reason in _PASSING or reason.startswith("Received a response in a non-JSON")
