"""Where rules stand in their file: kept beside the checked tree, which knows no positions."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol


class Placed(Protocol):
    """Anything with a place in its file."""

    @property
    def line(self) -> int:
        """The line, from 1; 0 for the file as a whole."""

    @property
    def column(self) -> int:
        """The column, from 1."""


@dataclass(frozen=True, slots=True)
class _Start:
    line: int = 0
    column: int = 0


class Places:
    """The places of one file's rules and literals, each by its identity, and of entries by their names."""

    def __init__(self) -> None:
        # With the thing itself, so that it lives and its identity is nobody else's.
        self._things: dict[int, tuple[object, Placed]] = {}
        self._names: dict[tuple[Hashable, ...], Placed] = {}

    def note(self, thing: object, at: Placed) -> None:
        """Remember where a thing stands; what is noted first is the innermost and stays."""
        self._things.setdefault(id(thing), (thing, at))

    def copy(self, thing: object, to: object) -> None:
        """Say that `to` stands where `thing` does."""
        if id(thing) in self._things:
            self.note(to, self._things[id(thing)][1])

    def of(self, thing: object) -> Placed | None:
        """The place of a thing, None where none was noted."""
        noted = self._things.get(id(thing))
        return noted[1] if noted else None

    def name(self, at: Placed, *name: Hashable) -> None:
        """Remember where an entry begins: `("segment", "vip")`."""
        self._names[name] = at

    def named(self, *name: Hashable) -> Placed:
        """Where an entry begins; the file's start where none was noted."""
        return self._names.get(name, _Start())
