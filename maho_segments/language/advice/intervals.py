"""Sets of numbers as sorted intervals, with exact union, intersection and complement."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor

Number = Decimal | int
Cut = tuple[Number, int]
"""A place between numbers: just before one (0), or just after it (1)."""

_FIRST: Cut = (Decimal("-Infinity"), 0)
_LAST: Cut = (Decimal("Infinity"), 1)
_ONE_INTERVAL = 2


@dataclass(frozen=True, slots=True)
class Intervals:
    """The numbers between each two cuts: `((1, 0), (2, 1))` is from 1 to 2, both included."""

    cuts: tuple[Cut, ...]

    def __bool__(self) -> bool:
        """Whether any number is in it."""
        return bool(self.cuts)

    def __and__(self, other: "Intervals") -> "Intervals":
        if len(self.cuts) == len(other.cuts) == _ONE_INTERVAL:
            # By far the most are one interval each.
            start, end = max(self.cuts[0], other.cuts[0]), min(self.cuts[1], other.cuts[1])
            return Intervals((start, end)) if start < end else NONE
        return _merged(self, other, lambda one, two: one and two)

    def __or__(self, other: "Intervals") -> "Intervals":
        return _merged(self, other, lambda one, two: one or two)

    def __invert__(self) -> "Intervals":
        return Intervals(_joined([_FIRST, *self.cuts, _LAST]))

    def whole_numbers(self) -> "Intervals":
        """The whole numbers in it, each with all up to the next: so that nothing is between 5 and 6."""
        rounded = [_round_up(cut) for cut in self.cuts]
        pairs = zip(rounded[::2], rounded[1::2], strict=True)
        return Intervals(_joined([cut for pair in pairs if pair[0] < pair[1] for cut in pair]))

    @property
    def lowest(self) -> Number:
        """The number below which nothing is in it; the set is not empty."""
        return self.cuts[0][0]

    @property
    def highest(self) -> Number:
        """The number above which nothing is in it; the set is not empty."""
        return self.cuts[-1][0]

    @property
    def upwards(self) -> "Intervals":
        """The numbers that are not below all of these."""
        return Intervals((self.cuts[0], _LAST))

    @property
    def downwards(self) -> "Intervals":
        """The numbers that are not above all of these."""
        return Intervals((_FIRST, self.cuts[-1]))


EVERY = Intervals((_FIRST, _LAST))
NONE = Intervals(())


def points(numbers: Iterable[Number]) -> Intervals:
    """These numbers alone."""
    return Intervals(tuple(cut for number in sorted(set(numbers)) for cut in ((number, 0), (number, 1))))


def between(
    low: Number | None = None,
    high: Number | None = None,
    *,
    without_low: bool = False,
    without_high: bool = False,
) -> Intervals:
    """From low to high, both included unless it is said; None is no bound. Empty where low is above high."""
    start = _FIRST if low is None else (low, int(without_low))
    end = _LAST if high is None else (high, int(not without_high))
    return Intervals((start, end)) if start < end else NONE


def _round_up(cut: Cut) -> Cut:
    number, after = cut
    if cut in (_FIRST, _LAST):
        return cut
    return (floor(number) + 1 if after else ceil(number), 0)


def _joined(cuts: list[Cut]) -> tuple[Cut, ...]:
    """Without the cuts at which one interval ends and the next begins, or none is between."""
    kept: list[Cut] = []
    for cut in cuts:
        if kept and kept[-1] == cut:
            kept.pop()
        else:
            kept.append(cut)
    return tuple(kept)


def _merged(one: Intervals, two: Intervals, is_in: Callable[[bool, bool], bool]) -> Intervals:
    """Sweeps over the cuts of both; `is_in` says whether what follows belongs to the result."""
    left, right = one.cuts, two.cuts
    first = second = 0
    inside = False
    result: list[Cut] = []
    while first < len(left) or second < len(right):
        cut = min(
            left[first] if first < len(left) else _LAST, right[second] if second < len(right) else _LAST
        )
        if first < len(left) and left[first] == cut:
            first += 1
        if second < len(right) and right[second] == cut:
            second += 1
        if is_in(first % 2 == 1, second % 2 == 1) != inside:
            inside = not inside
            result.append(cut)
    return Intervals(tuple(result))
