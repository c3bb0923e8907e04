"""Slack as a real HTTP server on loopback, because what the network does to a request cannot be made up."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

# Beside these, the name of one of Slack's own errors, such as `invalid_auth`.
Answer = Literal["ok", "429", "500", "html", "never", "cut", "hang up"] | str


class SlackServer:
    """Keeps each request's JSON in `messages` and answers as `answer` says; `on_request` runs before that."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.tokens: list[str] = []
        self.answer: Answer = "ok"
        self.on_request: Callable[[], None] = lambda: None
        self._closing = threading.Event()
        self._http = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/api/"

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
def slack_server() -> Iterator[SlackServer]:
    """A server that is gone afterwards, also if the test fails."""
    server = SlackServer()
    try:
        yield server
    finally:
        server.close()


def _handler(server: SlackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.messages.append(json.loads(body))
            server.paths.append(self.path)
            server.tokens.append(self.headers["Authorization"])
            server.on_request()
            self._answer(server.answer)

        def _answer(self, answer: Answer) -> None:
            if answer == "never":
                server.wait_until_closed()
            elif answer == "cut":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b'{"ok": tr')
                self.close_connection = True
            elif answer == "429":
                self._send(429, b'{"ok": false, "error": "ratelimited"}')
            elif answer == "500":
                self._send(500, b'{"ok": false, "error": "broken"}')
            elif answer == "html":
                self._send(200, b"<html>Log in to this network</html>")
            elif answer == "hang up":
                self.close_connection = True
            elif answer == "ok":
                self._send(200, b'{"ok": true, "ts": "1.0"}')
            else:
                self._send(200, json.dumps({"ok": False, "error": answer}).encode())

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", "1")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """Quiet: what came is in `messages`."""

    return Handler
