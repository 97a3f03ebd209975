"""Which of the segments that were held or failed a refresh asks again, and which of them wait.

Such a segment is asked of everybody, which each refresh would pay for. So it is asked in the next one, and
from then on whenever it was held for as long again, at the latest after an hour.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True)
class Attempt:
    """A segment that was held or failed: what it meant, since when it is so, and when it was asked last."""

    meaning: str
    since: datetime
    asked: datetime

    @property
    def again(self) -> datetime:
        """The instant from which on it is asked again."""
        return self.asked + min(LONGEST_WAIT, self.asked - self.since)


Attempts = Mapping[str, Attempt]


def meaning(segment: Mapping[str, Any]) -> str:
    """A text that changes when a segment (of a plan) may be answered, or guarded, in another way."""
    return f"{segment['definition_hash']} {json.dumps(segment['guard'], sort_keys=True)}"


def waiting_segments(
    segments: Mapping[str, Mapping[str, Any]],
    attempts: Attempts,
    *,
    unpublished: Collection[str],
    named: Collection[str],
    as_of: datetime,
) -> set[str]:
    """The unpublished ones among the segments of a refresh (of a plan, by name) that it does not ask again.

    Those that somebody `named` do not wait, nor do edited ones. Who is asked is asked with all that it refers
    to and all that refers to it, since these go with it.
    """
    waiting = {
        name
        for name in unpublished
        if name in segments
        and name not in named
        and name in attempts
        and attempts[name].meaning == meaning(segments[name])
        and attempts[name].asked <= as_of < attempts[name].again
    }
    while True:
        asked = segments.keys() - waiting
        drawn_in = {
            name
            for name in waiting
            if asked.intersection(unpublished).intersection(segments[name]["references"])
            or any(name in segments[other]["references"] for other in asked)
        }
        if not drawn_in:
            return waiting
        waiting -= drawn_in


def next_attempts(
    segments: Mapping[str, Mapping[str, Any]],
    attempts: Attempts,
    *,
    unpublished: Collection[str],
    asked: Collection[str],
    as_of: datetime,
) -> dict[str, Attempt]:
    """What to remember after a refresh that asked these segments, and left those unpublished."""
    remembered: dict[str, Attempt] = {}
    for name in unpublished:
        before = attempts.get(name)
        if name in asked and name in segments:
            now = meaning(segments[name])
            since = before.since if before and before.meaning == now else as_of
            remembered[name] = Attempt(now, min(since, as_of), as_of)
        elif before:
            remembered[name] = before
    return remembered


def attempts_text(attempts: Attempts) -> str:
    """The attempts as the text that `read_attempts` reads."""
    return json.dumps(
        {
            name: [attempt.meaning, attempt.since.isoformat(), attempt.asked.isoformat()]
            for name, attempt in sorted(attempts.items())
        }
    )


def read_attempts(text: str | None) -> dict[str, Attempt]:
    """The attempts of such a text; none where there is none."""
    return {
        name: Attempt(known, datetime.fromisoformat(since), datetime.fromisoformat(asked))
        for name, (known, since, asked) in json.loads(text or "{}").items()
    }
