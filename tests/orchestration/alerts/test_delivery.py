"""Alerts that reach a real HTTP server and a real SMTP server, and such as do not."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from orchestration.alerts.configuration import Channel, EmailShape, WebhookShape
from orchestration.alerts.delivery import DeliveryError, deliver
from orchestration.alerts.trouble import Alert, Trouble

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
ALERT = Alert(NOW, raised=(Trouble("held:vip", "error", "vip is held", NOW, "Look at it."),))
AT_ONCE = (0.0, 0.0)


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
    """Answers with the statuses given, the last one for ever, and keeps what it was sent."""

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
        self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Tests are silent."""


class MailServer(socketserver.TCPServer):
    """As much of SMTP as one message needs; the first recipients are told to wait, as many as `busy` says."""

    allow_reuse_address = True

    def __init__(self, busy: int = 0, recipient_answer: bytes = b"250 ok") -> None:
        super().__init__(("127.0.0.1", 0), MailHandler)
        self.busy = busy
        self.recipient_answer = recipient_answer
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
                self._say(b"221 bye")
                return
            elif word == b"MAIL" and self.server.busy:
                self.server.busy -= 1
                self._say(b"451 busy")
                continue
            self._say(self.server.recipient_answer if word == b"RCPT" else b"250 ok")

    def _read_message(self) -> str:
        lines = []
        while (line := self.rfile.readline().decode()) != ".\r\n":
            lines.append(line)
        return "".join(lines)

    def _say(self, text: bytes) -> None:
        self.wfile.write(text + b"\r\n")


def channel(kind: str = "webhook", **more: str) -> Channel:
    return Channel("chat", kind, WebhookShape.model_validate({"url_variable": "URL", **more}))


def mail_channel(server: MailServer, **more: object) -> Channel:
    own = {"host": "127.0.0.1", "port": server.server_address[1], "encryption": "none"}
    people = {"sender": "segments@example.org", "recipients": ["crm@example.org", "it@example.org"]}
    return Channel("mail", "email", EmailShape.model_validate({**own, **people, **more}))


@pytest.mark.parametrize(
    ("kind", "key"), [("webhook", "raised"), ("slack", "blocks"), ("teams", "attachments")]
)
def test_webhooks_are_sent_json_of_their_format(kind: str, key: str) -> None:
    server = WebServer(200)
    with running(server):
        deliver(ALERT, channel(kind, token_variable="TOKEN"), server.environ)
    ((headers, body),) = server.requests
    assert key in body
    assert headers["Content-Type"].startswith("application/json")
    assert headers["Authorization"] == "Bearer secret"


def test_what_passes_is_tried_again() -> None:
    server = WebServer(503, 429, 200)
    with running(server):
        deliver(ALERT, channel(), server.environ, retry_seconds=AT_ONCE)
    assert len(server.requests) == 3


def test_a_refusal_is_not_tried_again_and_no_secret_is_told() -> None:
    server = WebServer(404)
    with running(server), pytest.raises(DeliveryError) as caught:
        deliver(ALERT, channel(), server.environ, retry_seconds=AT_ONCE)
    assert len(server.requests) == 1
    assert "404" in str(caught.value)
    assert "chat" in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)


def test_nobody_there_is_an_error_after_the_last_try() -> None:
    server = WebServer(200)
    server.server_close()
    with pytest.raises(DeliveryError, match="does not take alerts"):
        deliver(ALERT, channel(), server.environ, retry_seconds=AT_ONCE)


@pytest.mark.parametrize(
    ("environ", "words"), [({}, "needs the environment variable URL"), ({"URL": "file:///x"}, "no address")]
)
def test_a_variable_that_is_missing_or_wrong_is_named(environ: dict[str, str], words: str) -> None:
    with pytest.raises(DeliveryError, match=words):
        deliver(ALERT, channel(), environ)


def test_email_reaches_its_recipients() -> None:
    server = MailServer(busy=1)
    with running(server):
        deliver(ALERT, mail_channel(server), {}, retry_seconds=AT_ONCE)
    (message,) = server.messages
    assert "Subject: [segments] vip is held" in message
    assert "To: crm@example.org, it@example.org" in message
    assert "Look at it." in message


def test_email_that_is_refused_is_an_error() -> None:
    server = MailServer(recipient_answer=b"550 nobody here")
    with running(server), pytest.raises(DeliveryError, match="refuses alerts"):
        deliver(ALERT, mail_channel(server), {}, retry_seconds=AT_ONCE)
    assert server.messages == []


def test_email_without_the_encryption_that_is_wanted_is_not_sent() -> None:
    server = MailServer()
    with running(server), pytest.raises(DeliveryError, match="STARTTLS"):
        deliver(ALERT, mail_channel(server, encryption="starttls"), {}, retry_seconds=AT_ONCE)
    assert server.messages == []
