"""Dagster's Slack resource with an address, so that it can be pointed at a proxy or at a test's own server."""

from __future__ import annotations

from dagster_slack import SlackResource
from pydantic import Field
from slack_sdk import WebClient

# Others wait for the same channel; what takes longer is tried again.
_TIMEOUT_SECONDS = 5


class SlackAt(SlackResource):
    """`SlackResource` whose client speaks to `base_url`, waits 5 s, and leaves trying again to the outbox."""

    base_url: str = Field(
        default=WebClient.BASE_URL, description="Address of Slack's Web API, such as https://slack.com/api/."
    )

    def get_client(self) -> WebClient:
        base = self.base_url.rstrip("/") + "/"
        return WebClient(self.token, base_url=base, timeout=_TIMEOUT_SECONDS, retry_handlers=[])
