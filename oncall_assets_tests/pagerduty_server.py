"""PagerDuty's Events API v2 as a real HTTP server on loopback, as strict about an event's shape as it."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Answer = Literal["ok", "400", "404", "429", "500", "redirect", "html", "never", "cut", "hang up"]
State = Literal["triggered", "acknowledged", "resolved"]

_AFTER: dict[str, State] = {"trigger": "triggered", "acknowledge": "acknowledged", "resolve": "resolved"}
_KEY = 32


class PagerDutyServer:
    """Keeps each event in `events` and answers as `answer` says; an event of a wrong shape is always refused.

    `alerts` is the state of each alert by routing key and dedup key, as PagerDuty keeps it: an alert that was
    acknowledged stays so when it is triggered again. With a `certificate` the server speaks HTTPS.
    """

    def __init__(self, certificate: ssl.SSLContext | None = None) -> None:
        self.events: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.alerts: dict[tuple[str, str], State] = {}
        self.answer: Answer = "ok"
        self.retry_after: str | None = "1"
        self._closing = threading.Event()
        self._http = _Server(("127.0.0.1", 0), _handler(self))
        self._scheme = "https" if certificate else "http"
        if certificate:
            self._http.socket = certificate.wrap_socket(self._http.socket, server_side=True)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._http.server_port}"

    def take(self, event: dict[str, Any]) -> None:
        alert = (event["routing_key"], event["dedup_key"])
        if event["event_action"] != "trigger" or self.alerts.get(alert) != "acknowledged":
            self.alerts[alert] = _AFTER[event["event_action"]]

    def wait_until_closed(self) -> None:
        self._closing.wait()

    def close(self) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that died before its answer is what some tests are about."""


@contextmanager
def pagerduty_server(certificate: ssl.SSLContext | None = None) -> Iterator[PagerDutyServer]:
    """A server that is gone afterwards, also if the test fails."""
    server = PagerDutyServer(certificate)
    try:
        yield server
    finally:
        server.close()


def faults(event: dict[str, Any]) -> list[str]:
    """What PagerDuty would refuse in the event."""
    found = []
    if len(str(event.get("routing_key", ""))) != _KEY:
        found.append("'routing_key' must be a 32 character string")
    if event.get("event_action") not in _AFTER:
        found.append("'event_action' must be trigger, acknowledge or resolve")
    if not 0 < len(str(event.get("dedup_key", ""))) <= 255:
        found.append("'dedup_key' must have 1 to 255 characters")
    if event.get("event_action") == "trigger":
        payload = event.get("payload") or {}
        found += [
            f"'payload.{name}' is missing or blank" for name in ("summary", "source") if not payload.get(name)
        ]
        if len(payload.get("summary", "")) > 1024:
            found.append("'payload.summary' is too long")
        if payload.get("severity") not in {"critical", "error", "warning", "info"}:
            found.append("'payload.severity' is invalid")
    return found


def _handler(server: PagerDutyServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.events.append(event)
            server.paths.append(self.path)
            wrong = faults(event)
            if wrong:
                # As PagerDuty's own answers may, this one repeats what it was sent.
                self._send(400, {"status": "invalid event", "errors": wrong, "event": event})
            else:
                self._answer(server.answer, event)

        def _answer(self, answer: Answer, event: dict[str, Any]) -> None:
            match answer:
                case "never":
                    server.wait_until_closed()
                case "cut":
                    self.send_response(202)
                    self.send_header("Content-Length", "1000")
                    self.end_headers()
                    self.wfile.write(b'{"status": "su')
                    self.close_connection = True
                case "hang up":
                    self.close_connection = True
                case "ok":
                    server.take(event)
                    self._send(202, {"status": "success", "dedup_key": event["dedup_key"]})
                case "html":
                    self._send(200, {"login": "to this network"})
                case "redirect":
                    self._send(307, {})
                case _:
                    self._send(int(answer), {"status": "refused", "event": event})

        def _send(self, status: int, answer: dict[str, Any]) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            if status == 429 and server.retry_after:
                self.send_header("Retry-After", server.retry_after)
            if status == 307:
                self.send_header("Location", f"{server.url}/elsewhere")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """Quiet: what came is in `events`."""

    return Handler
