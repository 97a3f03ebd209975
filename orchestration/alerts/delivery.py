"""Sending an alert to its channel, by HTTP or SMTP, again after a while where that may help."""

import http.client
import json
import smtplib
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

from maho_segments.errors import SegmentsError
from orchestration.alerts.configuration import Channel, EmailShape, WebhookShape
from orchestration.alerts.formats import email_message, slack_json, teams_json, webhook_json
from orchestration.alerts.trouble import Alert

TIMEOUT_SECONDS = 10
# A tick of a sensor may take a minute; what is not delivered by then is tried by the next one.
RETRY_SECONDS: tuple[float, ...] = (1, 4)

_FORMATS: Mapping[str, Callable[[Alert], dict[str, Any]]] = {
    "webhook": webhook_json,
    "slack": slack_json,
    "teams": teams_json,
}
_CHECK = "Check what alerts.yml says of it, and the environment variables that it names."
_TRUST = "Is it a certificate that this system trusts? SSL_CERT_FILE names a file with others. " + _CHECK


class DeliveryError(SegmentsError):
    """An alert did not reach its channel; nothing of it says what the channel's secrets are."""


class _PassingError(Exception):
    """What may go away by itself."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirected POST becomes a GET: without the alert, and yet answered well."""

    def redirect_request(self, *_: Any) -> None:
        """Nowhere: the redirect is the answer."""


_OPENER = urllib.request.build_opener(_NoRedirects)


def deliver(
    alert: Alert,
    channel: Channel,
    environ: Mapping[str, str],
    *,
    retry_seconds: tuple[float, ...] = RETRY_SECONDS,
) -> str:
    """Send the alert; what of it a person should know, such as recipients who are refused.

    Raises DeliveryError where a variable is missing or the channel does not take it.
    """
    send = _sender(alert, channel, environ)
    for pause in (*retry_seconds, None):
        try:
            return send()
        except _PassingError as error:
            if pause is None:
                raise DeliveryError(
                    f"The channel {channel.name} of alerts.yml does not take alerts: {error}.",
                    "They are kept and sent again. Is the address right, and does the service run?",
                ) from None
            time.sleep(pause)
        except (smtplib.SMTPException, urllib.error.HTTPError, ssl.SSLError) as error:
            raise DeliveryError(
                f"The channel {channel.name} of alerts.yml refuses alerts: {error}.",
                _TRUST if isinstance(error, ssl.SSLCertVerificationError) else _CHECK,
            ) from None
        except (ValueError, http.client.InvalidURL):
            raise _unusable(channel) from None
    raise AssertionError("the last try ends it")


def _sender(alert: Alert, channel: Channel, environ: Mapping[str, str]) -> Callable[[], str]:
    """What sends the alert once."""
    shape = channel.shape
    if isinstance(shape, EmailShape):
        message = email_message(alert, sender=shape.sender, recipients=shape.recipients)
        user = _secret(channel, environ, shape.user_variable)
        password = _secret(channel, environ, shape.password_variable)
        return lambda: _send_email(message, shape, user, password)
    request = _http_request(_FORMATS[channel.kind](alert), channel, shape, environ)
    return lambda: _post(request)


def _unusable(channel: Channel) -> DeliveryError:
    # Not the error's own words: they show the address or the token.
    return DeliveryError(
        f"The channel {channel.name} of alerts.yml can't be used: in its address or account stands a line "
        "break, a blank, or a letter that can't be sent.",
        _CHECK,
    )


def _http_request(
    body: dict[str, Any], channel: Channel, shape: WebhookShape, environ: Mapping[str, str]
) -> urllib.request.Request:
    url = _secret(channel, environ, shape.url_variable)
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "maho-segments"}
    if shape.token_variable:
        headers["Authorization"] = f"Bearer {_secret(channel, environ, shape.token_variable)}"
    try:
        if urlsplit(url).scheme in ("http", "https"):
            return urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")  # noqa: S310  its scheme is known
    except ValueError:
        raise _unusable(channel) from None
    raise DeliveryError(
        f"The variable {shape.url_variable} of the channel {channel.name} holds no address.",
        "Set it to one that begins with https://.",
    )


def _post(request: urllib.request.Request) -> str:
    try:
        with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as response:
            response.read()
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 429 or error.code >= 500:
            raise _PassingError(f"it answers {error.code} {error.reason}") from None
        raise
    except OSError as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise reason from None
        raise _PassingError(str(reason)) from None
    except http.client.InvalidURL:
        raise
    except http.client.HTTPException as error:
        raise _PassingError(f"its answer is no HTTP ({type(error).__name__})") from None
    return ""


def _send_email(message: EmailMessage, shape: EmailShape, user: str, password: str) -> str:
    refused: dict[str, tuple[int, bytes]] | None = None
    try:
        if shape.encryption == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                shape.host, shape.port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(shape.host, shape.port, timeout=TIMEOUT_SECONDS)
        with server:
            if shape.encryption == "starttls":
                server.starttls(context=ssl.create_default_context())
            if user:
                server.login(user, password)
            refused = server.send_message(message)
    except smtplib.SMTPResponseException as error:
        # It has the message: whatever it says to the parting words is of no interest.
        if refused is not None:
            return _refused_words(refused)
        # 4xx: the server wants it again later.
        if 400 <= error.smtp_code < 500:
            raise _PassingError(f"it answers {error.smtp_code}") from None
        raise
    except smtplib.SMTPServerDisconnected as error:
        raise _PassingError(str(error)) from None
    except (smtplib.SMTPException, ssl.SSLError):
        raise
    except OSError as error:
        raise _PassingError(str(error)) from None
    return _refused_words(refused)


def _refused_words(refused: Mapping[str, tuple[int, bytes]]) -> str:
    told = [f"{who} ({code} {words.decode(errors='replace')})" for who, (code, words) in refused.items()]
    return f"The mail server refuses {', '.join(told)}." if told else ""


def _secret(channel: Channel, environ: Mapping[str, str], variable: str | None) -> str:
    if variable is None:
        return ""
    if not environ.get(variable):
        raise DeliveryError(
            f"The channel {channel.name} of alerts.yml needs the environment variable {variable}.",
            "Set it where Dagster's daemon and code location are started.",
        )
    return environ[variable]
