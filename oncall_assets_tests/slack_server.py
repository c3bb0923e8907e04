"""Slack as a real HTTP server on loopback, because what the network does to a request cannot be made up."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, NamedTuple

# Beside these, the name of one of Slack's own errors, such as `invalid_auth`.
Answer = Literal["ok", "404", "429", "500", "503", "html", "never", "cut", "hang up"] | str


class Received(NamedTuple):
    """A request, how it was answered, and when it came, in seconds since 1970."""

    message: dict[str, Any]
    answer: Answer
    at: float


class SlackServer:
    """Keeps each request's JSON in `messages` and answers as `answer` says; `on_request` runs before that.

    A message that is taken gets a timestamp of its own, and one to a member (U…) lands in the conversation with
    them (D…), as Slack answers. `retry_after` is the header of a 429; replies to `lost_threads` are refused with
    `lost`. With a `certificate` it speaks HTTPS.
    """

    def __init__(self, certificate: ssl.SSLContext | None = None) -> None:
        self.messages: list[dict[str, Any]] = []
        self.received: list[Received] = []
        self.paths: list[str] = []
        self.tokens: list[str] = []
        self.answer: Answer = "ok"
        self.retry_after = "1"
        self.lost_threads: set[str] = set()
        self.lost = "thread_not_found"
        self.on_request: Callable[[], None] = lambda: None
        self._taken = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._http = _Server(("127.0.0.1", 0), _handler(self))
        self._scheme = "https" if certificate else "http"
        if certificate:
            self._http.socket = certificate.wrap_socket(self._http.socket, server_side=True)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._http.server_port}/api/"

    def place(self, message: dict[str, Any]) -> dict[str, str]:
        """Where a message that was just taken stands: its conversation, and a timestamp that no other has."""
        to = str(message["channel"])
        with self._lock:
            self._taken += 1
            return {"channel": f"D{to[1:]}" if to[0] == "U" else to, "ts": f"1790000000.{self._taken:06}"}

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
def slack_server(certificate: ssl.SSLContext | None = None) -> Iterator[SlackServer]:
    """A server that is gone afterwards, also if the test fails."""
    server = SlackServer(certificate)
    try:
        yield server
    finally:
        server.close()


def _handler(server: SlackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = server.answer
            server.received.append(Received(message, answer, time.time()))
            server.messages.append(message)
            server.paths.append(self.path)
            server.tokens.append(self.headers["Authorization"])
            server.on_request()
            self._answer(answer, message)

        def _answer(self, answer: Answer, message: dict[str, Any]) -> None:
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
            elif answer in {"404", "500", "503"}:
                self._send(int(answer), b'{"ok": false, "error": "broken"}')
            elif answer == "html":
                self._send(200, b"<html>Log in to this network</html>")
            elif answer == "hang up":
                self.close_connection = True
            elif answer == "ok" and message.get("thread_ts") in server.lost_threads:
                self._send(200, json.dumps({"ok": False, "error": server.lost}).encode())
            elif answer == "ok":
                self._send(200, json.dumps({"ok": True, **server.place(message)}).encode())
            else:
                self._send(200, json.dumps({"ok": False, "error": answer}).encode())

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", server.retry_after)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """Quiet: what came is in `messages`."""

    return Handler
