"""What a sensor remembers from one tick to the next: a line of versioned text in its cursor."""

import json
from dataclasses import dataclass
from datetime import datetime

_VERSION = "v1 "


@dataclass(frozen=True)
class Asked:
    """The refresh that was asked for last: for what, the how manieth try, and when."""

    key: str
    attempt: int
    at: datetime


@dataclass(frozen=True)
class Away:
    """The warehouse can't be reached: since when, how often that was tried, and when to try again."""

    since: datetime
    looks: int
    again_at: datetime


@dataclass(frozen=True)
class Memory:
    """What a sensor that asks for refreshes remembers."""

    asked: Asked | None = None
    away: Away | None = None


def write_text(values: dict[str, object]) -> str:
    """Plain values as the text of a cursor."""
    return _VERSION + json.dumps(values, separators=(",", ":"), sort_keys=True)


def read_text(cursor: str | None) -> dict[str, object]:
    """The values of a cursor; nothing of one that another version wrote. Raises ValueError for no JSON."""
    if cursor is None or not cursor.startswith(_VERSION):
        return {}
    values: dict[str, object] = json.loads(cursor.removeprefix(_VERSION))
    return values


def read_memory(cursor: str | None) -> Memory:
    """What a cursor says; nothing of one that another version wrote."""
    values = read_text(cursor)
    asked, away = values.get("asked"), values.get("away")
    return Memory(
        Asked(asked["key"], asked["attempt"], instant(asked["at"])) if isinstance(asked, dict) else None,
        Away(instant(away["since"]), away["looks"], instant(away["again_at"]))
        if isinstance(away, dict)
        else None,
    )


def write_memory(memory: Memory) -> str:
    """The memory as a cursor."""
    asked, away = memory.asked, memory.away
    return write_text(
        {
            "asked": asked and {"key": asked.key, "attempt": asked.attempt, "at": asked.at.isoformat()},
            "away": away
            and {
                "since": away.since.isoformat(),
                "looks": away.looks,
                "again_at": away.again_at.isoformat(),
            },
        }
    )


def instant(text: str) -> datetime:
    """An instant of a cursor; raises ValueError where it has no time zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"the instant {text} of a cursor has no time zone")
    return found
