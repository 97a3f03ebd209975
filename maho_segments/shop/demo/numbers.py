"""The ids of the demo shop's rows."""

from collections import Counter

import numpy as np

from maho_segments.shop.demo.encoding import Integers


class Numbers:
    """Hands out the ids of each table, from 1 on, through all parts of the shop."""

    def __init__(self) -> None:
        self._last: Counter[str] = Counter()

    def take(self, table: str, count: int) -> Integers:
        """The next so many ids of a table."""
        first = self._last[table] + 1
        self._last[table] += count
        return np.arange(first, first + count, dtype=np.int64)
