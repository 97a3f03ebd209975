"""Real servers of HTTP and SMTP that keep what they are sent."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@contextmanager
def running(server: socketserver.BaseServer) -> Iterator[None]:
    """A server that answers in a thread as long as the block."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class WebServer(HTTPServer):
    """Answers with the statuses given, the last one for ever, and keeps what it was sent.

    A redirect is to itself; the status 0 is an answer that is no HTTP.
    """

    def __init__(self, *statuses: int) -> None:
        super().__init__(("127.0.0.1", 0), WebHandler)
        self.statuses = list(statuses)
        self.requests: list[tuple[dict[str, str], Any]] = []

    @property
    def environ(self) -> dict[str, str]:
        return {"URL": f"http://127.0.0.1:{self.server_port}/hook", "TOKEN": "secret"}


class WebHandler(BaseHTTPRequestHandler):
    server: WebServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((dict(self.headers), body))
        statuses = self.server.statuses
        status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        if not status:
            self.wfile.write(b"220 this is the mail server\r\n")
            return
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", self.path)
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Tests are silent."""


class MailServer(socketserver.TCPServer):
    """As much of SMTP as one message needs.

    The first senders are told to wait, as many as `busy` says; recipients with `refused` in their address
    are refused. `parting` is its answer to QUIT.
    """

    allow_reuse_address = True

    def __init__(self, busy: int = 0, parting: bytes = b"221 bye") -> None:
        super().__init__(("127.0.0.1", 0), MailHandler)
        self.busy = busy
        self.parting = parting
        self.messages: list[str] = []


class MailHandler(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say(b"220 ready")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self._say(b"354 go on")
                self.server.messages.append(self._read_message())
            elif word == b"QUIT":
                self._say(self.server.parting)
                return
            elif word == b"MAIL" and self.server.busy:
                self.server.busy -= 1
                self._say(b"451 busy")
                continue
            self._say(b"550 nobody here" if word == b"RCPT" and b"refused" in line else b"250 ok")

    def _read_message(self) -> str:
        lines = []
        while (line := self.rfile.readline().decode()) != ".\r\n":
            lines.append(line)
        return "".join(lines)

    def _say(self, text: bytes) -> None:
        self.wfile.write(text + b"\r\n")
