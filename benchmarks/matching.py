"""Which refresh showed which change: the seconds that each took, and why one was never seen."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from benchmarks.stream import Appearance, Commit, Move


@dataclass(frozen=True)
class Refresh:
    """A refresh of the ledger, its times in seconds since 1970."""

    run_id: int
    as_of: float
    started: float
    published: float


@dataclass
class Outcome:
    """The seconds of each change that was seen, by segment, and what became of the others."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    undone: int = 0
    """Changes of customers who were put back before a refresh looked: rightly, nobody saw them."""
    wrong: list[str] = field(default_factory=list)
    """What can't be explained: a change that a refresh had to show and did not, a move that nobody made."""


def match(
    commits: Iterable[Commit], appearances: Iterable[Appearance], refreshes: Iterable[Refresh]
) -> Outcome:
    """Each change with the first moment at which it could be seen.

    A customer's changes and moves alternate. A move is that of the earliest change which its refresh may have read last:
    committed before it published, the next change not before it started. A change without one must be undone by the next, with
    no refresh in between; a refresh for an instant before the change is none.
    """
    runs = {refresh.run_id: refresh for refresh in refreshes}
    outcome = Outcome()
    appeared = _by_customer(appearances)
    for key, changes in _by_customer(commits).items():
        moves, shown = deque(appeared.pop(key, [])), "left"
        for change, following in zip(changes, [*changes[1:], None], strict=True):
            until = following.at if following else math.inf
            if change.move == shown:
                outcome.undone += 1  # it undoes what was never shown
            elif moves and _may_show(moves[0], change.move, change.at, until, runs):
                move = moves.popleft()
                shown = move.move
                outcome.seconds[change.segment].append(move.at - change.at)
            elif passed := _had_to_show(change.at, until, runs.values()):
                outcome.wrong.append(f"{change}: refresh {passed.run_id} passed it over")
            elif following is None:
                outcome.wrong.append(f"{change}: no refresh came after it")
            else:
                outcome.undone += 1
        outcome.wrong += [f"{move}: nobody made it" for move in moves]
    outcome.wrong += [f"{move}: nobody made it" for moves in appeared.values() for move in moves]
    return outcome


def _may_show(
    move: Appearance, wanted: Move, after: float, until: float, runs: Mapping[int, Refresh]
) -> bool:
    """Whether a move may be of a change committed then, which held until the next."""
    run = runs.get(move.run_id)
    return run is not None and move.move == wanted and after <= run.published and run.started <= until


def _had_to_show(after: float, until: float, runs: Iterable[Refresh]) -> Refresh | None:
    """A refresh that ran while the change was there, and for an instant at which it was."""
    return next(
        (run for run in runs if after < run.started and after <= run.as_of and run.published < until), None
    )


_Moved = TypeVar("_Moved", Commit, Appearance)


def _by_customer(moves: Iterable[_Moved]) -> dict[tuple[str, int], list[_Moved]]:
    found: dict[tuple[str, int], list[_Moved]] = defaultdict(list)
    for move in moves:
        found[move.segment, move.customer].append(move)
    return found
