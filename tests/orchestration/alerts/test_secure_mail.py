"""E-mail to a real SMTP server that wants encryption and a login, by a certificate of our own."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from socket import create_connection
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from orchestration.alerts.configuration import Channel, EmailShape
from orchestration.alerts.delivery import DeliveryError, deliver
from orchestration.alerts.trouble import Alert, Trouble

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
ALERT = Alert(NOW, raised=(Trouble("held:vip", "error", "vip is held", NOW, "Look at it."),))
ACCOUNT = {"SMTP_USER": "segments", "SMTP_PASSWORD": "right: p@ss"}


class Inbox:
    """Keeps what the server takes, and who sent it."""

    def __init__(self) -> None:
        self.taken: list[tuple[Any, list[str], str]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's
        assert isinstance(envelope.content, bytes)
        self.taken.append((session.auth_data, envelope.rcpt_tos, envelope.content.decode()))
        return "250 kept"


class SecureServer(Controller):
    """On a port that the system chooses."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        create_connection(("127.0.0.1", self.port)).close()


def login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    right = (data.login, data.password) == (b"segments", b"right: p@ss")
    return AuthResult(success=right, handled=False, auth_data=data.login if right else None)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextmanager
def serving(authority: trustme.CA, encryption: str, name: str = "127.0.0.1") -> Iterator[tuple[Inbox, int]]:
    """A server for the encryption, whose certificate is for that name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    inbox = Inbox()
    secured: dict[str, Any] = (
        {"tls_context": context, "require_starttls": True, "auth_required": True}
        if encryption == "starttls"
        # It does not know that it is encrypted already.
        else {"ssl_context": context, "auth_require_tls": False}
    )
    server = SecureServer(inbox, hostname="127.0.0.1", port=0, authenticator=login, **secured)
    server.start()
    try:
        yield inbox, server.port
    finally:
        server.stop()


def mail(port: int, encryption: str = "starttls") -> Channel:
    shape = {
        "host": "127.0.0.1",
        "port": port,
        "encryption": encryption,
        "user_variable": "SMTP_USER",
        "password_variable": "SMTP_PASSWORD",
        "sender": "segments@example.org",
        "recipients": ["crm@example.org"],
    }
    return Channel("mail", "email", EmailShape.model_validate(shape))


@pytest.fixture
def trusting(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that trusts the authority, as an administrator makes it."""
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize("encryption", ["starttls", "tls"])
def test_email_goes_encrypted_and_with_a_login(authority: trustme.CA, encryption: str) -> None:
    with serving(authority, encryption) as (inbox, port):
        deliver(ALERT, mail(port, encryption), ACCOUNT)
    ((user, recipients, text),) = inbox.taken
    assert (user, recipients) == (b"segments", ["crm@example.org"])
    assert "Subject: [segments] vip is held" in text


@pytest.mark.usefixtures("trusting")
def test_a_wrong_password_is_a_refusal_that_does_not_tell_it(authority: trustme.CA) -> None:
    wrong = {**ACCOUNT, "SMTP_PASSWORD": "S3CRET"}
    with (
        serving(authority, "starttls") as (inbox, port),
        pytest.raises(DeliveryError, match=r"refuses alerts: \(535") as caught,
    ):
        deliver(ALERT, mail(port), wrong)
    assert "S3CRET" not in str(caught.value)
    assert inbox.taken == []


@pytest.mark.parametrize("encryption", ["starttls", "tls"])
def test_no_password_is_sent_to_a_server_that_nobody_vouches_for(
    authority: trustme.CA, encryption: str
) -> None:
    with serving(authority, encryption) as (inbox, port), pytest.raises(DeliveryError) as caught:
        deliver(ALERT, mail(port, encryption), ACCOUNT)
    assert "certificate verify failed" in caught.value.message
    assert "SSL_CERT_FILE" in str(caught.value.hint)
    assert inbox.taken == []


@pytest.mark.usefixtures("trusting")
def test_no_password_is_sent_to_a_server_of_another_name(authority: trustme.CA) -> None:
    with (
        serving(authority, "starttls", name="mail.example.org") as (inbox, port),
        pytest.raises(DeliveryError, match=r"certificate is not valid for '127\.0\.0\.1'"),
    ):
        deliver(ALERT, mail(port), ACCOUNT)
    assert inbox.taken == []
