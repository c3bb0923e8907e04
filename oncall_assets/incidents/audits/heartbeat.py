"""A sign of life to a monitor outside, as nobody inside can tell that the watchdog itself has died."""

from __future__ import annotations

import os

import requests

URL = "ONCALL_HEARTBEAT_URL"

_TIMEOUT_SECONDS = 10


def heartbeat_url() -> str | None:
    """The address that `ONCALL_HEARTBEAT_URL` names, if any. Raises ValueError, which does not repeat it."""
    url = os.environ.get(URL) or None
    if url is not None and not url.startswith(("https://", "http://")):
        raise ValueError(f"{URL} is no web address; expected one such as https://hc.example.com/ping/<uuid>")
    return url


def beat(url: str) -> str | None:
    """Ask for `url`; what went wrong, or None. The address is a secret and is in neither."""
    try:
        # What a monitor answers beyond its status is of no interest, and might never end.
        with requests.get(url, timeout=_TIMEOUT_SECONDS, stream=True) as answer:
            status = answer.status_code
    except (requests.RequestException, ValueError) as error:
        return f"the heartbeat did not arrive: {type(error).__name__}"
    return None if status < 400 else f"the heartbeat was refused: the monitor answered {status}"
