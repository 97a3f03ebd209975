"""What can be said of one value: whether it may be missing, and in which sets it is where it is not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from maho_segments.language.advice.intervals import EVERY, Intervals
from maho_segments.language.advice.texts import Texts

_ANY_TEXT = Texts()


@dataclass(frozen=True, slots=True)
class Facts:
    """A set of values, perhaps with the missing one. On each axis the value is within the intervals.

    A number has the axis `value`, a time has several: see `literals.py`. What is not named is not restricted.
    """

    is_maybe_missing: bool = True
    is_maybe_present: bool = True
    axes: Mapping[str, Intervals] = field(default_factory=lambda: MappingProxyType({}))
    texts: Texts = _ANY_TEXT

    def __bool__(self) -> bool:
        """False only if there is no such value."""
        return self.is_maybe_missing or self.is_maybe_present

    def __and__(self, other: "Facts") -> "Facts":
        missing = self.is_maybe_missing and other.is_maybe_missing
        if not (self.is_maybe_present and other.is_maybe_present):
            return MISSING if missing else _IMPOSSIBLE
        axes = dict(self.axes)
        for axis, numbers in other.axes.items():
            axes[axis] = axes[axis] & numbers if axis in axes else numbers
        texts = self.texts
        if other.texts is not _ANY_TEXT:
            texts = texts & other.texts
            if not texts:
                return Facts(missing, False)
        if not all(axes.values()):
            return Facts(missing, False)
        return Facts(missing, True, axes, texts)

    def __or__(self, other: "Facts") -> "Facts":
        if self is other:
            return self
        missing = self.is_maybe_missing or other.is_maybe_missing
        if not self.is_maybe_present or not other.is_maybe_present:
            some = self if self.is_maybe_present else other
            return Facts(missing, some.is_maybe_present, some.axes, some.texts)
        axes = {axis: numbers | other.axes[axis] for axis, numbers in self.axes.items() if axis in other.axes}
        return Facts(missing, True, axes, self.texts | other.texts)


ANYTHING = Facts()
MISSING = Facts(is_maybe_present=False)
_IMPOSSIBLE = Facts(False, False)
PRESENT = Facts(is_maybe_missing=False)
TRUE = Facts(False, True, {"value": Intervals(((1, 0), (1, 1)))})
FALSE = Facts(False, True, {"value": Intervals(((0, 0), (0, 1)))})


def on_axes(**axes: Intervals) -> Facts:
    """A value that is there, and within these intervals."""
    return Facts(
        False, all(axes.values()), {name: numbers for name, numbers in axes.items() if numbers != EVERY}
    )


def without(**axes: Intervals) -> Facts:
    """The missing value, and every one outside of all of these."""
    outside = {name: ~numbers for name, numbers in axes.items()}
    return Facts(True, all(outside.values()), outside)
