"""Making a failing story small: its steps, its segments, its first shop, and what its steps write."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from maho_segments.errors import SegmentsError
from tests.properties.base_shop import BASE_SHOP
from tests.properties.smaller import fewer, shop_of
from tests.properties.warehouse import Definitions
from tests.refresh.laws import MismatchError
from tests.refresh.refreshing import RefreshWarehouse
from tests.refresh.story import Step, Story, tell, with_steps

_SECONDS: Final = int(os.environ.get("SEGMENTS_REFRESH_SHRINK_SECONDS", "150"))
_MOST_TRIES: Final = 200

Fails = Callable[[Story], bool]


def smaller_story(warehouse: RefreshWarehouse, story: Story, mismatch: MismatchError) -> Story:
    """A story that breaks the same law, with as little in it as was found in the time there is."""
    until = time.monotonic() + _SECONDS

    def fails(tried: Story) -> bool:
        if time.monotonic() > until:
            return False
        try:
            found = tell(warehouse, tried)
        except (SegmentsError, ValueError, KeyError):  # what is left out was needed by what is left
            return False
        return found is not None and found.law == mismatch.law

    if not fails(story):
        return story
    for _ in range(2):
        story = _fewer_steps(story, fails)
        story = _fewer_segments(story, fails)
        story = _fewer_rows(story, fails)
        story = _smaller_steps(story, fails)
    return story


def _fewer(items: list[Any], still_fails: Callable[[list[Any]], bool]) -> list[Any]:
    return fewer(items, still_fails, _MOST_TRIES)


def _fewer_steps(story: Story, fails: Fails) -> Story:
    return with_steps(story, _fewer(story.steps, lambda steps: fails(with_steps(story, steps))))


def _fewer_segments(story: Story, fails: Fails) -> Story:
    def with_segments(names: list[str], attributes: list[str]) -> Story:
        segments = {name: story.definitions.segments[name] for name in names}
        kept = {name: story.definitions.attributes[name] for name in attributes}
        return replace(story, definitions=Definitions(segments, kept))

    attributes = list(story.definitions.attributes)
    names = _fewer(list(story.definitions.segments), lambda some: fails(with_segments(some, attributes)))
    return with_segments(names, _fewer(attributes, lambda some: fails(with_segments(names, some))))


def _fewer_rows(story: Story, fails: Fails) -> Story:
    base = {name: len(rows) for name, rows in BASE_SHOP.items()}
    rows = [(name, row) for name, some in story.case.shop.items() for row in some[base.get(name, 0) :]]

    def with_rows(some: list[Any]) -> Story:
        return replace(story, case=replace(story.case, shop=shop_of(some)))

    return with_rows(_fewer(rows, lambda some: fails(with_rows(some))))


def _smaller_steps(story: Story, fails: Fails) -> Story:
    """The story with less written, and fewer segments edited, in each of its steps."""
    for number, step in enumerate(story.steps):
        ((word, what),) = step.items()
        if word in {"write", "capture"}:
            story = _fewer_of_step(story, number, what, lambda some, word=word: {word: some}, fails)
        for key in ("segments", "attributes") if word == "define" else ():
            story = _fewer_edits(story, number, key, fails)
    return story


def _fewer_edits(story: Story, number: int, key: str, fails: Fails) -> Story:
    what = story.steps[number]["define"]
    edits = what.get(key, {})

    def edited(names: list[str]) -> Step:
        return {"define": {**what, key: {name: edits[name] for name in names}}}

    return _fewer_of_step(story, number, list(edits), edited, fails) if edits else story


def _fewer_of_step(
    story: Story, number: int, items: list[Any], made: Callable[[list[Any]], Step], fails: Fails
) -> Story:
    def with_step(some: list[Any]) -> Story:
        return with_steps(story, [*story.steps[:number], made(some), *story.steps[number + 1 :]])

    return with_step(_fewer(items, lambda some: fails(with_step(some))))
