"""Incidents to PagerDuty, which rings a phone where chat and e-mail are slept through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from oncall_assets.handbook.team import Severity
from oncall_assets.notify.channel import DeliveryError, wait_of
from oncall_assets.notify.discreet import without_figures
from oncall_assets.notify.layout import blocks
from oncall_assets.notify.message import Message, Page, Update, oneline, printable, shorten, subject_of

# https://developer.pagerduty.com/docs/events-api-v2/trigger-events
_SUMMARY_LIMIT = 1024
_SEVERITIES: dict[Severity, str] = {"critical": "critical", "major": "error", "minor": "warning"}

# An event of more than 512 KB is refused; this is far below, and more than a phone shows.
_DETAIL_LIMIT = 4000


class PagerDuty:
    """Events to each person's own service; `keys` maps people's keys to the routing keys of these.

    All events of an incident have one dedup key, so PagerDuty keeps one alert for it, and a repeat of an event
    changes nothing: a delivery is never in doubt. Nor does PagerDuty ring again for an alert that was acknowledged
    there; the acknowledgement timeout of its service is for that.
    """

    name = "pagerduty"

    def __init__(
        self, base_url: str, keys: Mapping[str, str], *, timeout: float = 5, investor_figures: bool = False
    ) -> None:
        """`timeout` is in seconds, to connect and for the answer each.

        `investor_figures`: whether the events show such.
        """
        self._timeout = timeout
        self._investor_figures = investor_figures
        self._url = f"{base_url.rstrip('/')}/v2/enqueue"
        self._keys = keys

    def reaches(self, person: str) -> bool:
        return person in self._keys

    def takes(self, message: Message) -> bool:
        return isinstance(message, Page | Update)

    def send(self, message: Message, person: str, thread: str | None) -> None:  # noqa: ARG002 - the dedup key is it
        """Raises DeliveryError; permanent if PagerDuty refused the event or the routing key, or is not trusted."""
        if person not in self._keys:
            raise DeliveryError(f"{person} has no PagerDuty routing key", permanent=True)
        told = message if self._investor_figures else without_figures(message, self.name)
        event = {"routing_key": self._keys[person], **_event(told)}
        try:
            answer = requests.post(self._url, json=event, timeout=self._timeout, allow_redirects=False)
        except requests.RequestException as error:
            text = oneline(str(error), 300)
            mistrusted = "CERTIFICATE_VERIFY_FAILED" in text
            raise DeliveryError(f"PagerDuty was not reached: {text}", permanent=mistrusted) from error
        if answer.status_code != 202:
            raise _refusal(answer, self._keys[person])


def _event(message: Message) -> dict[str, Any]:
    match message:
        case Page():
            return {"event_action": "trigger", "dedup_key": message.dedup, **_alert(message)}
        case Update():
            action = "resolve" if message.what == "resolved" else "acknowledge"
            return {"event_action": action, "dedup_key": message.dedup}
        case _:
            raise DeliveryError(f"PagerDuty takes incidents only, and no {message.kind}", permanent=True)


def _alert(page: Page) -> dict[str, Any]:
    marks = "".join(f"[{mark}] " for mark in page.marks)
    rows = [row for group in blocks(page) for row in group if row.kind != "link"]
    return {
        "client": "oncall_assets",
        "payload": {
            "summary": oneline(f"{marks}{subject_of(page)}: {page.title}. {page.finding}", _SUMMARY_LIMIT),
            "source": oneline(page.what, 255),
            "severity": _SEVERITIES[page.severity],
            "timestamp": page.happened_at.isoformat(),
            **({"component": page.pipeline} if page.pipeline else {}),
            "custom_details": {row.label: shorten(printable("\n".join(row.lines)), _DETAIL_LIMIT) for row in rows},
        },
        "links": [{"href": link.url, "text": link.title} for link in page.all_links],
    }


def _refusal(answer: requests.Response, key: str) -> DeliveryError:
    # The answer may repeat the event, and so the key.
    said = oneline(answer.text.replace(key, "…"), 300)
    status = answer.status_code
    return DeliveryError(
        f"PagerDuty answered {status}: {said}",
        permanent=status in range(300, 500) and status not in {408, 429},
        retry_after=wait_of(answer.headers.get("Retry-After")),
    )
