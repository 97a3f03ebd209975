"""alerts.yml: what it may say, and where its mistakes are."""

from datetime import timedelta
from pathlib import Path

import pytest

from maho_segments.errors import Problem
from orchestration.alerts.configuration import (
    ALERTS_FILE,
    AlertSettings,
    EmailShape,
    WebhookShape,
    read_alert_settings,
)
from tests.databases import PROJECT

MAIL = "type: email, host: mx, sender: a@b.example, recipients: c@d.example"
ACCOUNT = "user_variable: U, password_variable: P"


def read(folder: Path, text: str) -> AlertSettings:
    (folder / ALERTS_FILE).write_text(text, encoding="utf-8")
    return read_alert_settings(folder)


def problems(folder: Path, text: str) -> list[Problem]:
    error = read(folder, text).error
    assert error is not None
    return error.problems


def test_the_shipped_file_has_no_channels() -> None:
    assert read_alert_settings(PROJECT) == AlertSettings()


def test_the_shipped_examples_are_right(tmp_path: Path) -> None:
    lines = (PROJECT / ALERTS_FILE).read_text(encoding="utf-8").splitlines()
    start = lines.index("# channels:")
    examples = ["version: 1", *(line.removeprefix("# ") for line in lines[start:])]
    settings = read(tmp_path, "\n".join(examples))
    assert [channel.kind for channel in settings.channels] == ["slack", "teams", "webhook", "email"]


def test_no_file_is_no_channels(tmp_path: Path) -> None:
    assert read_alert_settings(tmp_path) == AlertSettings()


def test_channels_have_what_is_agreed(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        "version: 1\nlink: https://dagster.example\noverdue_after_minutes: 90\nchannels:\n"
        "  chat: { type: slack, url_variable: CHAT_URL, minimum: error, repeat_after_hours: 4 }\n"
        "  mail: { type: email, host: mx, sender: a@b.example, recipients: c@d.example, encryption: none }\n",
    )
    chat, mail = settings.channels
    assert isinstance(chat.shape, WebhookShape)
    assert chat.shape.url_variable == "CHAT_URL"
    assert (chat.agreement.minimum, chat.agreement.repeat_after) == ("error", timedelta(hours=4))
    assert isinstance(mail.shape, EmailShape)
    assert (mail.shape.port, mail.shape.recipients) == (587, ("c@d.example",))
    assert settings.link == "https://dagster.example"
    assert settings.overdue_after == timedelta(minutes=90)
    assert settings.error is None


@pytest.mark.parametrize(
    ("text", "place", "found"),
    [
        ("version: 1\nchannel: {}\n", "alerts.yml:2:1", "the key `channel` does not exist"),
        ("version: 1\nchannels: [a]\n", "alerts.yml:2:11", "`channels` has no names"),
        (
            "version: 1\nchannels:\n  a: { url_variable: X }\n",
            "alerts.yml:3:6",
            "the channel `a` has no type",
        ),
        ("version: 1\nchannels:\n  a: { type: slak }\n", "alerts.yml:3:14", "no type of a channel: `slak`"),
        (
            "version: 1\nchannels:\n  a: { type: slack }\n",
            "alerts.yml:3:6",
            "the key `url_variable` is missing",
        ),
        (
            "version: 1\nchannels:\n  a: { type: slack, url_variable: 'https://hooks.example' }\n",
            "alerts.yml:3:35",
            "the name of an environment variable is wanted",
        ),
        (
            "version: 1\nchannels:\n  a: { type: slack, url_variable: X, minimum: fatal }\n",
            "alerts.yml:3:47",
            "minimum: the text `fatal` is not one of them",
        ),
        ("version: 1\nlink: dagster\n", "alerts.yml:2:7", "an address is wanted"),
        ("version: 1\nchannels:\n  A b: { type: slack }\n", "alerts.yml:3:3", "no name of a channel: `A b`"),
        ("version: 1\noverdue_after_minutes: soon\n", "alerts.yml:2:24", "a whole number is wanted"),
        (
            "version: 1\nchannels:\n  a: { type: email, host: mx, sender: a@b.example, recipients: crm }\n",
            "alerts.yml:3:64",
            "recipients: an e-mail address is wanted, not the text `crm`",
        ),
        (
            f"version: 1\nchannels:\n  a: {{ {MAIL}, user_variable: U }}\n",
            "alerts.yml:3:6",
            "half an account",
        ),
        (
            f"version: 1\nchannels:\n  a: {{ {MAIL}, {ACCOUNT}, encryption: none }}\n",
            "alerts.yml:3:6",
            "a password that would be sent in the clear",
        ),
    ],
)
def test_mistakes_are_told_with_their_place(tmp_path: Path, text: str, place: str, found: str) -> None:
    (problem,) = problems(tmp_path, text)
    assert problem.place == place
    assert found in problem.found
    assert "hooks.example" not in problem.found
    assert problem.hint


def test_all_mistakes_are_told_at_once_and_what_is_right_is_used(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        "version: 2\nchannels:\n"
        "  chat: { type: slack }\n"
        "  office: { type: teams, url_variable: OFFICE_URL }\n"
        "  mail: { type: email, host: mx, sender: a@b.example, recipients: c@d.example, port: x, tls: 1 }\n",
    )
    assert [channel.name for channel in settings.channels] == ["office"]
    assert settings.error is not None
    assert [problem.line for problem in settings.error.problems] == [1, 3, 5, 5]
    assert "test_alert_job" in str(settings.error.hint)


def test_a_file_that_is_no_yaml_has_no_channels_and_an_error(tmp_path: Path) -> None:
    settings = read(tmp_path, "version: 1\nchannels: {\n")
    assert settings.channels == ()
    assert settings.error is not None
