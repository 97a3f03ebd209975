"""Examples of a strategy, the same for the same seed: Hypothesis draws them, the tests judge many at once."""

from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

Drawn = TypeVar("Drawn")


def examples(strategy: st.SearchStrategy[Drawn], count: int, *, from_seed: int) -> list[Drawn]:
    """That many examples, each drawn for itself: within one run Hypothesis repeats what it has drawn."""
    return [_example(strategy, f"{from_seed} {number}") for number in range(count)]


def _example(strategy: st.SearchStrategy[Drawn], from_seed: str) -> Drawn:
    drawn: list[Drawn] = []

    @seed(from_seed)
    @settings(
        max_examples=2,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: Drawn) -> None:
        drawn.append(example)

    collect()
    # It always begins with the plainest one.
    return drawn[-1]
