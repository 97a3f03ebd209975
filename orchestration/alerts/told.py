"""Who was told what: each trouble once per channel, again only after the time agreed, and when it is over."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import AwareDatetime

from orchestration.alerts.trouble import SEVERITIES, Alert, Recovery, Severity, Trouble


@dataclass(frozen=True)
class Told:
    """What a channel was told of a trouble, and when the last time."""

    title: str
    severity: Severity
    since: AwareDatetime
    at: AwareDatetime


@dataclass(frozen=True)
class Agreement:
    """From which severity on a channel is told, and after how long again; zero: never again."""

    minimum: Severity = "warning"
    repeat_after: timedelta = timedelta(hours=24)


def plan_alert(
    troubles: Iterable[Trouble],
    told: Mapping[str, Told],
    agreement: Agreement,
    *,
    now: datetime,
    unseen: Collection[str] = (),
    link: str = "",
) -> tuple[Alert | None, dict[str, Told]]:
    """The message that a channel is to be sent, None where there is none; and what it knows once it was.

    `unseen` are kinds of trouble that nobody could look for now: what was told of them stands.
    """
    level = SEVERITIES.index(agreement.minimum)
    present = {one.key: one for one in troubles if SEVERITIES.index(one.severity) >= level}
    raised = [one for key, one in present.items() if _is_new(one, told.get(key))]
    repeated = [
        one
        for key, one in present.items()
        if one not in raised and agreement.repeat_after and _is_due(told[key].at, agreement.repeat_after, now)
    ]
    standing = {key for key in told if key in present or key.partition(":")[0] in unseen}
    recovered = [Recovery(key, one.title, one.since) for key, one in told.items() if key not in standing]
    knows = {key: one for key, one in told.items() if key in standing}
    knows |= {one.key: Told(one.title, one.severity, one.since, now) for one in [*raised, *repeated]}
    if not (raised or repeated or recovered):
        return None, knows
    return Alert(now, tuple(raised), tuple(repeated), tuple(recovered), link), knows


def lasting_since(trouble: Trouble, seen: Mapping[str, datetime]) -> Trouble:
    """The trouble as of when it was first seen, where nobody knows since when it is."""
    return replace(trouble, since=seen.get(trouble.key, trouble.since))


def _is_due(told_at: datetime, repeat_after: timedelta, now: datetime) -> bool:
    """Whether it is to be told again; what was told in time to come was told by a clock that was set back."""
    return not told_at <= now < told_at + repeat_after


def _is_new(trouble: Trouble, told: Told | None) -> bool:
    """Whether a channel has yet to hear of it, or heard it was less bad."""
    return told is None or SEVERITIES.index(trouble.severity) > SEVERITIES.index(told.severity)
