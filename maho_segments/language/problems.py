"""Collecting the mistakes of a file, so that all of them are told at once."""

from collections.abc import Iterable
from difflib import SequenceMatcher

from maho_segments.errors import Problem
from maho_segments.language.places import Placed, Places

MOST_ALLOWED_WORDS = 12
"""How many allowed words a problem lists: a vocabulary of hundreds would hide the nearest ones."""
_ALIKE = 0.65
"""How much two words are the same, from 0 to 1, for one to be taken for a slip of the other."""


class Reporter:
    """Notes the problems of one file and where its rules stand; `segment` is the segment at hand, if any."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.segment: str | None = None
        self.problems: list[Problem] = []
        self.places = Places()

    def error(
        self, code: str, at: Placed | None, found: str, *, allowed: Iterable[str] = (), hint: str = ""
    ) -> None:
        """Note a mistake; `at` is None when it is about the whole file."""
        words = tuple(allowed)
        line, column = (at.line, at.column) if at else (0, 0)
        self.problems.append(
            Problem(
                code,
                self.path,
                line,
                column,
                self.segment,
                found,
                words[:MOST_ALLOWED_WORDS],
                hint,
                more_allowed=max(len(words) - MOST_ALLOWED_WORDS, 0),
            )
        )

    def unknown(
        self, code: str, at: Placed, what: str, word: str, allowed: Iterable[str], hint: str = ""
    ) -> None:
        """Note a word that does not exist, with the nearest of those that do."""
        known = list(allowed)
        self.error(
            code,
            at,
            f"{what} {quoted(word)} does not exist",
            allowed=nearest(word, known),
            hint=hint or correction(word, known) or "Use a word that exists.",
        )


def quoted(text: str) -> str:
    """Text of a file as it is shown in a message: on one line, in backticks, not longer than a line."""
    shown = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text[:80])
    return f"`{shown}...`" if len(text) > 80 else f"`{shown}`"


def nearest(word: str, allowed: Iterable[str]) -> tuple[str, ...]:
    """The allowed words, those most like `word` first, the rest in their own order."""
    words = list(allowed)
    alike = [candidate for likeness, candidate in _ranked(word, words) if likeness >= _ALIKE]
    return tuple(dict.fromkeys([*alike, *words]))


def correction(word: str, allowed: Iterable[str]) -> str:
    """`Did you mean ...?` when one of the allowed words is much like `word`, else nothing."""
    ranked = _ranked(word, allowed)
    return f"Did you mean `{ranked[0][1]}`?" if ranked and ranked[0][0] >= _ALIKE else ""


def _ranked(word: str, allowed: Iterable[str]) -> list[tuple[float, str]]:
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(word[:100].lower())
    likeness = []
    for candidate in allowed:
        matcher.set_seq1(candidate.lower())
        ratio = matcher.ratio()
        if "." in candidate and "." not in word:
            # A parent's column by its own name; that of the row itself comes first.
            matcher.set_seq1(candidate.rpartition(".")[2].lower())
            ratio = max(ratio, matcher.ratio() - 0.01)
        likeness.append((ratio, candidate))
    return sorted(likeness, key=lambda pair: -pair[0])


def circles(edges: dict[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The circles in a graph of names, each once and closed: `("a", "b", "a")`."""
    found: list[tuple[str, ...]] = []
    done: set[str] = set()
    for start in edges:
        path: list[str] = []
        # A stack of iterators instead of recursion: a chain may be as long as the file.
        stack = [iter((start,))]
        while stack:
            name = next(stack[-1], None)
            if name is None:
                stack.pop()
                if path:
                    done.add(path.pop())
            elif name in path:
                found.append((*path[path.index(name) :], name))
            elif name not in done and name in edges:
                path.append(name)
                stack.append(iter(edges[name]))
    return found
