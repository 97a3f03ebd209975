"""Which of the segments that are held or failed a refresh asks again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from maho_segments.services.refresh.waiting import (
    LONGEST_WAIT,
    Attempt,
    attempts_text,
    meaning,
    next_attempts,
    read_attempts,
    waiting_segments,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def segment(*references: str, definition: str = "same", **guard: int) -> dict[str, Any]:
    return {"references": list(references), "definition_hash": definition, "guard": guard}


def attempt(of: dict[str, Any], *, held_for: timedelta) -> Attempt:
    return Attempt(meaning(of), NOON - held_for, NOON)


def waiting(
    segments: dict[str, dict[str, Any]], *, after: timedelta = MINUTE, named: tuple[str, ...] = ()
) -> set[str]:
    """Who waits so long after all were asked; `held` and its like were held for half an hour then."""
    held = {name for name in segments if name.startswith("held")}
    attempts = {name: attempt(segment(), held_for=30 * MINUTE) for name in held}
    return waiting_segments(segments, attempts, unpublished=held, named=named, as_of=NOON + after)


@pytest.mark.parametrize(
    ("held_for", "wait"),
    [
        (timedelta(0), timedelta(0)),
        (MINUTE, MINUTE),
        (40 * MINUTE, 40 * MINUTE),
        (timedelta(days=3), LONGEST_WAIT),
    ],
)
def test_it_is_asked_again_after_as_long_as_it_was_held(held_for: timedelta, wait: timedelta) -> None:
    one = segment()
    attempts = {"one": attempt(one, held_for=held_for)}

    def waits(after: timedelta) -> bool:
        return bool(
            waiting_segments({"one": one}, attempts, unpublished={"one"}, named=(), as_of=NOON + after)
        )

    assert not waits(wait)
    assert wait == timedelta(0) or waits(wait - timedelta(seconds=1))
    # An instant before the last attempt, as after a build for the future, must not wait for it.
    assert not waits(-MINUTE)


def test_edited_guarded_otherwise_or_named_it_is_asked_at_once() -> None:
    assert waiting({"held": segment()}) == {"held"}
    assert waiting({"held": segment(definition="other")}) == set()
    assert waiting({"held": segment(max_members=3)}) == set()
    assert waiting({"held": segment()}, named=("held",)) == set()
    assert waiting({"held": segment()}, after=30 * MINUTE) == set()


def test_who_is_asked_is_asked_with_what_goes_with_it() -> None:
    # Nobody's answer without that of what he refers to ...
    assert waiting({"held": segment(), "new": segment("held")}) == set()
    # ... and who is held for another's sake is published with it.
    edited = {"held": segment(definition="other"), "held_too": segment("held"), "held_alone": segment()}
    assert waiting(edited) == {"held_alone"}
    # What it refers to is published, and asked in each refresh: that is no news.
    assert waiting({"published": segment(), "held": segment("published")}) == {"held"}


def test_how_long_it_is_held_counts_from_the_first_attempt() -> None:
    one, other = segment(), segment(definition="other")
    first = next_attempts({"one": one}, {}, unpublished={"one"}, asked={"one"}, as_of=NOON)
    assert first == {"one": Attempt(meaning(one), NOON, NOON)}
    later = NOON + MINUTE
    second = next_attempts({"one": one}, first, unpublished={"one"}, asked={"one"}, as_of=later)
    assert second == {"one": Attempt(meaning(one), NOON, later)}
    assert next_attempts({"one": one}, second, unpublished={"one"}, asked=(), as_of=later + MINUTE) == second
    edited = next_attempts({"one": other}, second, unpublished={"one"}, asked={"one"}, as_of=later)
    assert edited == {"one": Attempt(meaning(other), later, later)}
    assert next_attempts({"one": one}, second, unpublished=(), asked={"one"}, as_of=later) == {}


def test_attempts_are_read_as_they_were_written() -> None:
    attempts = {"one": attempt(segment(max_members=3), held_for=MINUTE)}

    assert read_attempts(attempts_text(attempts)) == attempts
    assert read_attempts(None) == {}
