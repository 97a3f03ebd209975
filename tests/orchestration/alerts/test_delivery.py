"""Alerts that reach a real HTTP server and a real SMTP server, and such as do not."""

from datetime import UTC, datetime

import pytest

from orchestration.alerts.configuration import Channel, EmailShape, WebhookShape
from orchestration.alerts.delivery import DeliveryError, deliver
from orchestration.alerts.trouble import Alert, Trouble
from tests.orchestration.servers import MailServer, WebServer, running

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
ALERT = Alert(NOW, raised=(Trouble("held:vip", "error", "vip is held", NOW, "Look at it."),))
AT_ONCE = (0.0, 0.0)


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


def test_a_redirect_is_a_refusal_for_following_it_would_lose_the_alert() -> None:
    server = WebServer(302)
    with running(server), pytest.raises(DeliveryError, match="302"):
        deliver(ALERT, channel(), server.environ, retry_seconds=AT_ONCE)


def test_an_answer_that_is_no_http_is_an_error_after_the_last_try() -> None:
    server = WebServer(0)
    with running(server), pytest.raises(DeliveryError, match="its answer is no HTTP"):
        deliver(ALERT, channel(), server.environ, retry_seconds=AT_ONCE)
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "environ",
    [
        {"URL": "https://chat.example/hooks/S3CRET x", "TOKEN": "t"},
        {"URL": "https://chat.example/", "TOKEN": "S3CRET\n"},
        {"URL": "https://chat.example/", "TOKEN": "S3CRET\N{EURO SIGN}"},
        {"URL": "https://[S3CRET", "TOKEN": "t"},
    ],
)
def test_what_can_not_be_sent_is_an_error_that_does_not_show_it(environ: dict[str, str]) -> None:
    with pytest.raises(DeliveryError, match="can't be used") as caught:
        deliver(ALERT, channel(token_variable="TOKEN"), environ)
    assert "S3CRET" not in str(caught.value)


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
    server = MailServer()
    nobody = mail_channel(server, recipients=["refused@example.org"])
    with running(server), pytest.raises(DeliveryError, match="refuses alerts"):
        deliver(ALERT, nobody, {}, retry_seconds=AT_ONCE)
    assert server.messages == []


def test_recipients_who_are_refused_are_named_and_the_others_told_once() -> None:
    server = MailServer()
    some = mail_channel(server, recipients=["crm@example.org", "refused@example.org"])
    with running(server):
        note = deliver(ALERT, some, {}, retry_seconds=AT_ONCE)
    assert note == "The mail server refuses refused@example.org (550 nobody here)."
    assert len(server.messages) == 1


def test_email_without_the_encryption_that_is_wanted_is_not_sent() -> None:
    server = MailServer()
    with running(server), pytest.raises(DeliveryError, match="STARTTLS"):
        deliver(ALERT, mail_channel(server, encryption="starttls"), {}, retry_seconds=AT_ONCE)
    assert server.messages == []


@pytest.mark.parametrize("parting", [b"421 too many sessions", b"500 what?"])
def test_mail_that_was_taken_is_not_sent_again_whatever_the_server_says_then(parting: bytes) -> None:
    server = MailServer(parting=parting)
    with running(server):
        deliver(ALERT, mail_channel(server), {}, retry_seconds=AT_ONCE)
    assert len(server.messages) == 1
