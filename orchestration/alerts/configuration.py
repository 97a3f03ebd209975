"""Reading alerts.yml: which channels there are, and what each is told; its mistakes with their places."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, model_validator

from maho_segments.errors import DefinitionsError, Problem
from maho_segments.language.problems import Reporter, correction, nearest, quoted
from maho_segments.language.shape_reader import read_shape
from maho_segments.language.shapes import ShapeBase, Text, Version, shown, whole_number, wrong
from maho_segments.language.yaml_reader import Mapping, Node, Scalar, read_yaml
from maho_segments.services.refresh.overdue import OVERDUE_AFTER
from orchestration.alerts.told import Agreement
from orchestration.alerts.trouble import SEVERITIES, Severity

ALERTS_FILE = "alerts.yml"
_CHANNELS = frozenset({"channels"})
_TRY = "The others are told of it meanwhile. Correct them; the job test_alert_job tries each channel."
_TYPE = frozenset({"type"})
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Encryption = Literal["starttls", "tls", "none"]


def _variable(value: Any) -> str:
    if not isinstance(value, str) or not _VARIABLE.fullmatch(value):
        raise wrong(
            # Not what stands there, which is told to other channels: it may be the secret itself.
            "the name of an environment variable is wanted",
            "Secrets never stand in this file: write the name of a variable that holds it, "
            "and change a secret that stood here.",
        )
    return value


def _one_of(words: tuple[str, ...]) -> BeforeValidator:
    def check(value: Any) -> str:
        if value not in words:
            hint = (correction(value, words) if isinstance(value, str) else "") or "Write one of these."
            raise wrong(f"{shown(value)} is not one of them", hint, words)
        return str(value)

    return BeforeValidator(check)


def _link(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise wrong(f"an address is wanted, not {shown(value)}", "Write one that begins with https://.")
    return value


def _address(value: Any) -> str:
    if not isinstance(value, str) or not parseaddr(value)[1].partition("@")[2]:
        raise wrong(f"an e-mail address is wanted, not {shown(value)}", "Write one such as crm@shop.example.")
    return value


def _addresses(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    if not items:
        raise wrong("an empty list", "Write at least one address.")
    return tuple(dict.fromkeys(map(_address, items)))


Variable = Annotated[str, BeforeValidator(_variable)]


class _ChannelShape(ShapeBase):
    minimum: Annotated[Severity, _one_of(SEVERITIES)] = "warning"
    repeat_after_hours: Annotated[int, BeforeValidator(whole_number(0, 8760))] = 24


class WebhookShape(_ChannelShape):
    """A channel that takes JSON by HTTP: `webhook`, `slack` or `teams`."""

    url_variable: Variable
    token_variable: Variable | None = None
    """The variable that holds a bearer token, where the address alone is no secret."""


class EmailShape(_ChannelShape):
    """A channel that takes e-mail."""

    host: Text
    port: Annotated[int, BeforeValidator(whole_number(1, 65535))] = 587
    encryption: Annotated[Encryption, _one_of(get_args(Encryption))] = "starttls"
    user_variable: Variable | None = None
    password_variable: Variable | None = None
    sender: Annotated[str, BeforeValidator(_address)]
    recipients: Annotated[tuple[str, ...], BeforeValidator(_addresses)]

    @model_validator(mode="after")
    def _has_whole_account(self) -> "EmailShape":
        if (self.user_variable is None) != (self.password_variable is None):
            raise wrong(
                "half an account", "Write both `user_variable:` and `password_variable:`, or neither."
            )
        if self.user_variable and self.encryption == "none":
            raise wrong(
                "a password that would be sent in the clear", "Write `encryption: starttls`, or `tls`."
            )
        return self


class FileShape(ShapeBase):
    """alerts.yml without its `channels`."""

    version: Version
    link: Annotated[str, BeforeValidator(_link)] = ""
    overdue_after_minutes: Annotated[int, BeforeValidator(whole_number(0, 100_000))] = (
        OVERDUE_AFTER // timedelta(minutes=1)
    )


_SHAPES: dict[str, type[WebhookShape | EmailShape]] = {
    "webhook": WebhookShape,
    "slack": WebhookShape,
    "teams": WebhookShape,
    "email": EmailShape,
}


@dataclass(frozen=True)
class Channel:
    """Somewhere that alerts are sent to: `shape` says how it is reached."""

    name: str
    kind: str
    shape: WebhookShape | EmailShape

    @property
    def agreement(self) -> Agreement:
        """What it is told, and when again."""
        return Agreement(self.shape.minimum, timedelta(hours=self.shape.repeat_after_hours))


class AlertsFileError(DefinitionsError):
    """alerts.yml has mistakes; carries every one, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__(sorted(problems, key=lambda one: (one.line, one.column)))
        self.hint = _TRY


@dataclass(frozen=True)
class AlertSettings:
    """What alerts.yml says; without the file there are no channels.

    With mistakes in it, `error` has them, and the rest is what is right: a slip in one channel must not keep
    everything from the others.
    """

    channels: tuple[Channel, ...] = ()
    link: str = ""
    overdue_after: timedelta = OVERDUE_AFTER
    """How late a segment may be until somebody is told; zero: as late as it likes."""
    error: AlertsFileError | None = None


def read_alert_settings(project_dir: Path) -> AlertSettings:
    """What a project's alerts.yml says, and its mistakes."""
    path = project_dir / ALERTS_FILE
    if not path.exists():
        return AlertSettings()
    reporter = Reporter(ALERTS_FILE)
    root = read_yaml(path.read_bytes(), reporter)
    settings = _read_root(root, reporter) if root is not None else AlertSettings()
    return replace(settings, error=AlertsFileError(reporter.problems)) if reporter.problems else settings


def _read_root(root: Node, reporter: Reporter) -> AlertSettings:
    shape = read_shape(FileShape, root, reporter, leave_out=_CHANNELS) or FileShape(version=1)
    node = root.get("channels") if isinstance(root, Mapping) else None
    if node is None or (isinstance(node, Scalar) and node.value is None):
        channels: list[Channel | None] = []
    elif isinstance(node, Mapping):
        channels = [_read_channel(key, value, reporter) for key, value in node.entries]
    else:
        reporter.error(
            "value",
            node,
            "`channels` has no names",
            hint="Write `channels:` and below it `NAME: { type: ... }`.",
        )
        channels = []
    found = tuple(channel for channel in channels if channel is not None)
    return AlertSettings(found, shape.link, timedelta(minutes=shape.overdue_after_minutes))


def _read_channel(name: Scalar, node: Node, reporter: Reporter) -> Channel | None:
    if not _NAME.fullmatch(name.text):
        reporter.error(
            "value",
            name,
            f"no name of a channel: {quoted(name.text)}",
            hint="Write lower-case letters, digits and _.",
        )
        return None
    kind = node.get("type") if isinstance(node, Mapping) else None
    if not isinstance(kind, Scalar) or kind.text not in _SHAPES:
        word = kind.text if isinstance(kind, Scalar) else ""
        found = (
            f"no type of a channel: {quoted(word)}"
            if word
            else f"the channel {quoted(name.text)} has no type"
        )
        hint = correction(word, _SHAPES) or "Write `type:` with one of these."
        reporter.error("value", kind or node, found, allowed=nearest(word, _SHAPES), hint=hint)
        return None
    shape = read_shape(_SHAPES[kind.text], node, reporter, leave_out=_TYPE)
    return None if shape is None else Channel(name.text, kind.text, shape)
