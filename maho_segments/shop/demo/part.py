"""What the makers of rows share: one part of the demo shop, its dice, its numbers and where its rows go."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from maho_segments.shop.demo.catalog import Catalog
from maho_segments.shop.demo.encoding import Columns
from maho_segments.shop.demo.numbers import Numbers
from maho_segments.shop.demo.people import People
from maho_segments.shop.demo.timeline import Timeline

Emit = Callable[[str, Columns, int], None]


@dataclass(frozen=True)
class Part:
    """Some thousand customers, the guests and visitors that come with them, and all they do.

    The first part of a shop is planted: it has every behaviour at least once, however small the shop is.
    """

    seed: int
    place: int
    timeline: Timeline
    catalog: Catalog
    people: People
    numbers: Numbers
    emit: Emit

    @property
    def is_planted(self) -> bool:
        """Whether rare behaviour is put in on purpose."""
        return self.place == 0

    def dice(self, purpose: str) -> np.random.Generator:
        """Dice of their own for each purpose: changing one does not change what the others show."""
        return dice(self.seed, self.place, purpose)


def dice(seed: int, place: int, purpose: str) -> np.random.Generator:
    """Dice that show the same for the same seed, part of the shop and purpose."""
    return np.random.default_rng([seed, place, *purpose.encode()])
