"""Slack for those who cannot be pointed elsewhere: an HTTPS proxy on loopback that answers in its place."""

from __future__ import annotations

import json
import socketserver
import ssl
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import trustme


class SlackOverTls:
    """Answers every request to `slack.com`; `arrivals` are (channel, text, time of arrival)."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.certificate = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(self.certificate))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("slack.com", "www.slack.com").configure_cert(self._context)
        self.arrivals: list[tuple[str, str, float]] = []
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process take this for Slack."""
        address = f"http://127.0.0.1:{self._server.server_address[1]}"
        return {"HTTPS_PROXY": address, "NO_PROXY": "127.0.0.1,localhost", "SSL_CERT_FILE": str(self.certificate)}

    def answer(self, connection: ssl.SSLSocket) -> None:
        """Read one request, note it, and say that all is well."""
        stream = connection.makefile("rb")
        stream.readline()
        headers = {}
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            headers[name.lower()] = value.strip()
        at = time.time()
        body = stream.read(int(headers.get(b"content-length", 0))).decode()
        fields = _fields(body)
        self.arrivals.append((str(fields.get("channel")), f"{fields.get('text')} {fields.get('blocks')}", at))
        text = b'{"ok": true, "ts": "1.0", "channel": "C1"}'
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n"
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode() + text)

    def wrap(self, connection: Any) -> ssl.SSLSocket:
        return self._context.wrap_socket(connection, server_side=True)


def _fields(body: str) -> dict[str, Any]:
    if body.startswith("{"):
        fields: dict[str, Any] = json.loads(body)
        return fields
    return {name: values[0] for name, values in parse_qs(body).items()}


def _handler(slack: SlackOverTls) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline().strip():
                pass
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with slack.wrap(self.connection) as connection:
                slack.answer(connection)

    return Handler
