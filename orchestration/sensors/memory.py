"""What a sensor remembers from one tick to the next: versioned text in its cursor."""

import json
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import AwareDatetime, TypeAdapter

_VERSION = "v1 "


@dataclass(frozen=True)
class Asked:
    """The refresh that was asked for last: for what, the how manieth try, and when."""

    key: str
    attempt: int
    at: AwareDatetime


@dataclass(frozen=True)
class Away:
    """The warehouse can't be reached: since when, how often that was tried, and when to try again."""

    since: AwareDatetime
    looks: int
    again_at: AwareDatetime


@dataclass(frozen=True)
class Memory:
    """What a sensor that asks for refreshes remembers."""

    asked: Asked | None = None
    away: Away | None = None


Remembered = TypeVar("Remembered")


def write_cursor(memory: object) -> str:
    """A memory, a dataclass, as a cursor."""
    values = _adapter(type(memory)).dump_python(memory, mode="json")
    return _VERSION + json.dumps(values, separators=(",", ":"), sort_keys=True)


def read_cursor(kind: type[Remembered], cursor: str | None) -> Remembered:
    """The memory that a cursor holds; an empty one where there is none, or another version wrote it.

    Raises ValueError for a broken one, and for instants without a time zone.
    """
    text = cursor.removeprefix(_VERSION) if cursor is not None and cursor.startswith(_VERSION) else "{}"
    found: Remembered = _adapter(kind).validate_json(text)
    return found


def _adapter(kind: type) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


# Each is made once, and there are few: making one takes as long as much of a tick.
_ADAPTERS: dict[type, TypeAdapter[Any]] = {}
