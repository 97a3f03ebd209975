"""What is wrong, and what is told of it: the same for every channel."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from maho_segments.services.instants import format_instant

Severity = Literal["warning", "error"]
SEVERITIES: tuple[Severity, ...] = ("warning", "error")


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong since a moment; the same thing has the same key until it is mended.

    The word before the key's colon says what kind it is: `held:vip_gold`.
    """

    key: str
    severity: Severity
    title: str
    since: datetime
    what_to_do: str
    details: str = ""
    patience: timedelta = timedelta()
    """How long it must last before anybody is told."""

    @property
    def kind(self) -> str:
        """What kind of trouble it is."""
        return self.key.partition(":")[0]


@dataclass(frozen=True)
class Recovery:
    """Something that was told to be wrong and no longer is."""

    key: str
    title: str
    since: datetime


@dataclass(frozen=True)
class Alert:
    """One message to one channel: what is new, what is told again, and what is well again."""

    at: datetime
    raised: tuple[Trouble, ...] = ()
    repeated: tuple[Trouble, ...] = ()
    recovered: tuple[Recovery, ...] = ()
    link: str = ""
    """Where the pages are on which one sees more."""

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """All that is wrong, errors first."""
        return tuple(sorted([*self.raised, *self.repeated], key=lambda one: -SEVERITIES.index(one.severity)))

    @property
    def subject(self) -> str:
        """The message in one line."""
        troubles, words = self.troubles, []
        if troubles:
            more = f" and {len(troubles) - 1} more" if len(troubles) > 1 else ""
            still = "" if self.raised else "Still: "
            words.append(f"{still}{troubles[0].title}{more}")
        if self.recovered:
            more = f" and {len(self.recovered) - 1} more" if len(self.recovered) > 1 else ""
            words.append(f"Recovered: {self.recovered[0].title}{more}")
        return "; ".join(words)


def lasting(since: datetime, until: datetime) -> str:
    """How long it lasted, for people: `3 h 20 min`."""
    minutes = max((until - since) // timedelta(minutes=1), 0)
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def since_when(trouble: Trouble, now: datetime) -> str:
    """Since when it is so, and how long that is."""
    return f"since {format_instant(trouble.since)} ({lasting(trouble.since, now)})"
