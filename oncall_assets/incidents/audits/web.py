"""Whether the code locations load: a broken one stops its sensors, and only the web server says so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import requests

from oncall_assets.handbook.escalation import Watch
from oncall_assets.handbook.problem import first_line
from oncall_assets.incidents.audits.finding import Finding, Sight
from oncall_assets.notify.message import printable, shorten

_TIMEOUT_SECONDS = 10

_LOCATIONS = """query OncallWatch { workspaceOrError { __typename
  ... on Workspace { locationEntries { name locationOrLoadError {
    __typename ... on PythonError { message causes { message } } } } }
  ... on PythonError { message causes { message } } } }"""


class WebLook:
    """Asks the web server at `url`, an address without a slash at its end."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, watch: Watch, now: datetime) -> Sight:  # noqa: ARG002 - what every look is given
        blind = frozenset({"location"})
        try:
            answer = requests.post(f"{self._url}/graphql", json={"query": _LOCATIONS}, timeout=_TIMEOUT_SECONDS)
        except requests.RequestException as error:
            detail = f"{self._url} was not reached: {_reason(error)}"
            return Sight((Finding("web", "Dagster's web server does not answer", detail),), blind)
        try:
            workspace = answer.json()["data"]["workspaceOrError"]
            if workspace["__typename"] == "PythonError":
                detail = _first(workspace)
                return Sight((Finding("web", "Dagster's workspace does not load", detail),), blind)
            broken = {entry["name"]: why for entry in workspace["locationEntries"] if (why := _error(entry))}
        except (ValueError, KeyError, TypeError):
            detail = f"{self._url}/graphql answered {answer.status_code} and no list of code locations."
            return Sight((Finding("web", "Dagster's web server does not answer as it should", detail),), blind)
        return Sight(tuple(_finding(name, why) for name, why in broken.items()))


def _error(entry: Any) -> str | None:
    """Why a code location does not load; None if it does, or is still on its way."""
    loaded = entry["locationOrLoadError"]
    return _first(loaded) if loaded and loaded["__typename"] == "PythonError" else None


def _finding(name: str, error: str) -> Finding:
    name = shorten(printable(name), 100)
    detail = f"{error} Its sensors and schedules have stopped; Dagster reports that nowhere else."
    return Finding(f"location {name}", f"The code location {name} does not load", detail)


def _first(error: Any) -> str:
    """The first line of what began it: Dagster's own error only says that something did not load."""
    origin = error["causes"][-1] if error["causes"] else error
    lines = [line.strip() for line in origin["message"].splitlines() if line.strip()]
    line = shorten(printable(lines[0]), 400) if lines else "Dagster keeps no reason for it."
    return line if line.endswith((".", "!", "?", "…")) else f"{line}."


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return f"no answer within {_TIMEOUT_SECONDS} s."
    # What is wrong stands at the end of a chain of errors that repeat the address.
    return shorten(printable(first_line(error).rsplit(": ", 1)[-1].rstrip("\"')")), 300)
