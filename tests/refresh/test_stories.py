"""Whatever happens to a shop, after each refresh the segments hold whom the reference evaluator finds.

Each test is a story: writes of every kind, edited definitions, a clock that goes on to where answers flip,
and refreshes, of which some are of a few segments only and some do not come to their end. The same seed tells
the same story. CI tells the same few each time; for long ones, say at night:

    export SEGMENTS_REFRESH_STORIES=50 SEGMENTS_REFRESH_STEPS=400 SEGMENTS_REFRESH_SEED=$RANDOM
    .venv/bin/pytest tests/refresh/test_stories.py

A failure prints a small story as a file for `regressions/`.
"""

import os
from collections.abc import Callable
from datetime import datetime
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.refresh.drawing import Author
from tests.refresh.files import story_text
from tests.refresh.laws import MismatchError
from tests.refresh.refreshing import RefreshWarehouse
from tests.refresh.smaller import smaller_story
from tests.refresh.story import LAST, Counts, Step, Telling, with_steps

_STEPS = int(os.environ.get("SEGMENTS_REFRESH_STEPS", "24"))
_STORIES = int(os.environ.get("SEGMENTS_REFRESH_STORIES", "2"))
_SEED = int(os.environ.get("SEGMENTS_REFRESH_SEED", "1"))

_LOOK: Step = {"refresh": {}}
_SILENCE = 4

Draw = Callable[[Author, Random, datetime], Step]
_numbers = st.integers(0, 2**32)


@pytest.mark.parametrize("number", range(_STORIES))
def test_every_refresh_is_right(refreshed: RefreshWarehouse, number: int) -> None:
    author = Author(refreshed, story_seed := _SEED * 10_000 + number)
    counts, taken = Counts(), list[Step]()
    failures, machines = list[MismatchError](), list[RuleBasedStateMachine]()

    class Shop(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.telling: Telling | None = None
            # The plainest story, with which Hypothesis always begins, is passed over.
            self.is_told = bool(machines)
            machines.append(self)

        def happens(self, draw: Draw, number: int) -> None:
            if failures or not self.is_told:
                return
            try:
                self.telling = self.telling or Telling(refreshed, author.story, counts)
                # Hypothesis leaves out some of the rules each time, which may be those that look.
                is_silent = (
                    not any("refresh" in step for step in taken[-_SILENCE:]) and len(taken) >= _SILENCE
                )
                step = _LOOK if is_silent else draw(author, Random(number), self.telling.as_of)
                taken.append(step)
                self.telling.take(step)
            except MismatchError as mismatch:
                failures.append(mismatch)

        @rule(number=_numbers)
        def write(self, number: int) -> None:
            self.happens(Author.write, number)

        @rule(number=_numbers)
        def write_again(self, number: int) -> None:
            self.happens(Author.write, number)

        @rule(number=_numbers)
        def clock(self, number: int) -> None:
            self.happens(Author.clock, number)

        @rule(number=_numbers)
        def define(self, number: int) -> None:
            self.happens(Author.define, number)

        @rule(number=_numbers)
        def refresh(self, number: int) -> None:
            self.happens(Author.refresh, number)

        @rule(number=_numbers)
        def refresh_some(self, number: int) -> None:
            self.happens(Author.refresh_some, number)

        @rule(number=_numbers)
        def refresh_again(self, number: int) -> None:
            self.happens(Author.refresh, number)

        @rule(number=_numbers)
        def interrupt(self, number: int) -> None:
            self.happens(Author.interrupt, number)

        def teardown(self) -> None:
            if self.telling is not None and not failures:
                try:
                    self.telling.take(LAST)
                except MismatchError as mismatch:
                    failures.append(mismatch)

    seed(story_seed)(Shop)
    run_state_machine_as_test(
        Shop,
        settings=settings(
            max_examples=2,
            stateful_step_count=_STEPS,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            derandomize=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"seed {story_seed}: {counts}")
    if failures:
        story = smaller_story(refreshed, with_steps(author.story, taken), failures[0])
        pytest.fail(
            f"The story of seed {story_seed} went wrong after {len(taken)} steps: {failures[0]}\n\n"
            f"Made small:\n\n# Regression: SAY WHAT WAS WRONG. Drawn with the seed {story_seed}.\n"
            f"{story_text(story)}",
            pytrace=False,
        )
    assert counts.steps >= _STEPS
