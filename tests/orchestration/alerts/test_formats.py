"""What a message looks like in each channel."""

import json
from datetime import UTC, datetime, timedelta

from orchestration.alerts.formats import email_message, plain_text, slack_json, teams_json, webhook_json
from orchestration.alerts.trouble import Alert, Recovery, Trouble

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
HELD = Trouble(
    "held:vip",
    "warning",
    "vip <& co> is held",
    NOW - timedelta(hours=26),
    "`segments release vip`",
    "25 % left",
)
AWAY = Trouble("database:", "error", "The database is away", NOW - timedelta(minutes=5), "Start it.")
GONE = Recovery("failed:win_back", "win_back fails", NOW - timedelta(minutes=90))
ALERT = Alert(NOW, raised=(HELD, AWAY), recovered=(GONE,), link="https://dagster.example")


def test_subject_names_the_worst_first_and_counts_the_rest() -> None:
    assert ALERT.subject == "The database is away and 1 more; Recovered: win_back fails"
    assert Alert(NOW, repeated=(HELD,)).subject == "Still: vip <& co> is held"


def test_plain_text_says_what_since_when_and_what_to_do() -> None:
    assert plain_text(ALERT) == (
        "ERROR: The database is away\nsince 2026-03-31T11:55:00Z (5 min)\nStart it.\n\n"
        "WARNING: vip <& co> is held\nsince 2026-03-30T10:00:00Z (1 d 2 h)\n25 % left\n"
        "`segments release vip`\n\n"
        "Recovered: win_back fails (it lasted 1 h 30 min)\n\n"
        "https://dagster.example\n"
    )


def test_webhook_has_the_keys_that_tell_what_is_the_same() -> None:
    body = webhook_json(ALERT)
    assert [one["key"] for one in body["raised"]] == ["held:vip", "database:"]
    assert body["recovered"] == [
        {"key": "failed:win_back", "title": "win_back fails", "since": "2026-03-31T10:30:00Z"}
    ]
    assert (body["status"], webhook_json(Alert(NOW, recovered=(GONE,)))["status"]) == ("firing", "recovered")
    assert json.loads(json.dumps(body)) == body


def test_slack_escapes_its_own_letters() -> None:
    body = slack_json(Alert(NOW, raised=(HELD,), link="https://dagster.example"))
    assert body["text"] == "vip &lt;&amp; co&gt; is held"
    sections = [block["text"]["text"] for block in body["blocks"] if block["type"] == "section"]
    assert sections[0].startswith(":large_yellow_circle: *vip &lt;&amp; co&gt; is held*\nsince 2026-03-30")
    assert sections[-1] == "<https://dagster.example|Open Dagster>"


def test_messages_stay_within_the_limits_of_slack_and_teams() -> None:
    many = tuple(
        Trouble(f"held:{number}", "error", f"segment {number} is held", NOW, "&" * 5000, "<" * 9000)
        for number in range(300)
    )
    slack = slack_json(Alert(NOW, raised=many))
    texts = [block["text"]["text"] for block in slack["blocks"]]
    assert len(slack["blocks"]) <= 50
    assert len(texts[0]) <= 150
    assert max(map(len, texts)) <= 3000
    assert texts[-1] == "... and 290 more"
    assert len(json.dumps(teams_json(Alert(NOW, raised=many)))) < 28_000


def test_teams_gets_an_adaptive_card_in_a_message() -> None:
    body = teams_json(ALERT)
    assert body["type"] == "message"
    (attachment,) = body["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert card["type"] == "AdaptiveCard"
    assert card["body"][0]["text"] == ALERT.subject
    assert [one["items"][0]["color"] for one in card["body"][1:]] == ["Attention", "Warning", "Good"]
    assert card["actions"][0]["url"] == "https://dagster.example"


def test_email_headers_are_of_one_line() -> None:
    broken = Trouble("held:x", "error", "x\r\nBcc: everybody@example.org", NOW, "Look.")
    message = email_message(
        Alert(NOW, raised=(broken,)), sender="a@example.org", recipients=("b@example.org",)
    )
    assert message["Subject"] == "[segments] x Bcc: everybody@example.org"
    assert message["Bcc"] is None
    assert message["To"] == "b@example.org"
