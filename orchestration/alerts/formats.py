"""An alert as each kind of channel wants it. Pure: the same alert is the same message."""

from email.message import EmailMessage
from typing import Any

from maho_segments.services.instants import format_instant
from orchestration.alerts.trouble import Alert, Recovery, Trouble, lasting, since_when

# Slack refuses headers above 150 letters, sections above 3,000 and messages above about 13,000, all escaped;
# Teams takes 28 KB.
_HEADER_LETTERS = 150
_DETAILS_LETTERS = 400
_ADVICE_LETTERS = 150
_MOST_SECTIONS = 10


def webhook_json(alert: Alert) -> dict[str, Any]:
    """The alert for programs: what is raised, repeated and recovered; the same trouble has the same key."""
    return {
        "version": 1,
        "status": "firing" if alert.troubles else "recovered",
        "subject": alert.subject,
        "sent_at": format_instant(alert.at),
        "link": alert.link,
        "raised": [_trouble_json(one) for one in alert.raised],
        "repeated": [_trouble_json(one) for one in alert.repeated],
        "recovered": [
            {"key": one.key, "title": one.title, "since": format_instant(one.since)}
            for one in alert.recovered
        ],
    }


def _trouble_json(trouble: Trouble) -> dict[str, str]:
    return {
        "key": trouble.key,
        "severity": trouble.severity,
        "title": trouble.title,
        "since": format_instant(trouble.since),
        "what_to_do": trouble.what_to_do,
        "details": trouble.details,
    }


def slack_json(alert: Alert) -> dict[str, Any]:
    """The alert as blocks of Slack, with its subject for notifications."""
    sections = [
        *(_slack_trouble(one, alert) for one in alert.troubles),
        *(f":white_check_mark: {_slack_text(_recovered(one, alert))}" for one in alert.recovered),
    ]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": _cut(alert.subject, _HEADER_LETTERS)}},
        *({"type": "section", "text": {"type": "mrkdwn", "text": text}} for text in _most(sections)),
    ]
    if alert.link:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": f"<{alert.link}|Open Dagster>"}})
    return {"text": _slack_text(alert.subject), "blocks": blocks}


def _slack_trouble(trouble: Trouble, alert: Alert) -> str:
    sign = ":red_circle:" if trouble.severity == "error" else ":large_yellow_circle:"
    # Cut before it is escaped: half an entity would be shown as it stands.
    parts = [
        f"{sign} *{_slack_text(trouble.title)}*",
        since_when(trouble, alert.at),
        _slack_text(_cut(trouble.details, _DETAILS_LETTERS)),
        _slack_text(_cut(trouble.what_to_do, _ADVICE_LETTERS)),
    ]
    return "\n".join(part for part in parts if part)


def _slack_text(text: str) -> str:
    """Slack reads three letters as its own; names of segments must mention nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def teams_json(alert: Alert) -> dict[str, Any]:
    """The alert as an adaptive card, in the message that a workflow of Teams takes."""
    body: list[dict[str, Any]] = [_card_text(alert.subject, size="Large", weight="Bolder")]
    entries: list[list[dict[str, Any]]] = []
    for one in alert.troubles:
        colour = "Attention" if one.severity == "error" else "Warning"
        texts = [
            _card_text(one.title, weight="Bolder", color=colour),
            _card_text(since_when(one, alert.at), isSubtle=True, spacing="None"),
        ]
        if one.details:
            texts.append(_card_text(_cut(one.details, _DETAILS_LETTERS), fontType="Monospace"))
        entries.append([*texts, _card_text(_cut(one.what_to_do, _ADVICE_LETTERS))])
    entries += [[_card_text(_recovered(one, alert), color="Good")] for one in alert.recovered]
    body += [{"type": "Container", "separator": True, "items": items} for items in entries[:_MOST_SECTIONS]]
    if len(entries) > _MOST_SECTIONS:
        body.append(_card_text(_and_more(len(entries) - _MOST_SECTIONS)))
    content: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": body,
    }
    if alert.link:
        content["actions"] = [{"type": "Action.OpenUrl", "title": "Open Dagster", "url": alert.link}]
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": content,
    }
    return {"type": "message", "attachments": [attachment]}


def _card_text(text: str, **looks: object) -> dict[str, Any]:
    # Markdown takes a single line break for a blank.
    return {"type": "TextBlock", "text": text.replace("\n", "\n\n"), "wrap": True, **looks}


def email_message(alert: Alert, *, sender: str, recipients: tuple[str, ...]) -> EmailMessage:
    """The alert as an e-mail of plain text."""
    message = EmailMessage()
    # A line break in a header would begin another header.
    message["Subject"] = _cut(" ".join(f"[segments] {alert.subject}".split()), _HEADER_LETTERS)
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    message["Date"] = alert.at
    # Whoever is away answers no machine.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(plain_text(alert))
    return message


def plain_text(alert: Alert) -> str:
    """The alert for people, as text alone."""
    paragraphs = [
        "\n".join(
            part
            for part in (
                f"{one.severity.upper()}: {one.title}",
                since_when(one, alert.at),
                one.details,
                one.what_to_do,
            )
            if part
        )
        for one in alert.troubles
    ]
    paragraphs += [_recovered(one, alert) for one in alert.recovered]
    return "\n\n".join([*paragraphs, *([alert.link] if alert.link else [])]) + "\n"


def _recovered(recovery: Recovery, alert: Alert) -> str:
    return f"Recovered: {recovery.title} (it lasted {lasting(recovery.since, alert.at)})"


def _most(texts: list[str]) -> list[str]:
    """As many as a message holds."""
    more = len(texts) - _MOST_SECTIONS
    return texts[:_MOST_SECTIONS] + ([_and_more(more)] if more > 0 else [])


def _and_more(count: int) -> str:
    return f"... and {count} more"


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}…"
