"""Examples of a strategy, the same for the same seed: Hypothesis draws them, the tests judge many at once."""

from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

Drawn = TypeVar("Drawn")


def examples(strategy: st.SearchStrategy[Drawn], count: int, *, from_seed: int) -> list[Drawn]:
    """That many examples; the plainest one, which Hypothesis always begins with, is left out."""
    drawn: list[Drawn] = []

    @seed(from_seed)
    @settings(
        max_examples=count + 1,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: Drawn) -> None:
        drawn.append(example)

    collect()
    return drawn[1:]
