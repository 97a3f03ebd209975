"""docs/crashes.md: the table of the crash matrix, written by the test."""

from collections.abc import Sequence
from typing import NamedTuple

from tests.databases import PROJECT

_PAGE = PROJECT / "docs/crashes.md"
_MARK = "<!-- written by tests/refresh/test_crash_matrix.py -->\n"


class Row(NamedTuple):
    """A case, as a row of the table."""

    build: str
    fault: str
    where: str
    said: str
    ledger: str
    next_build: str
    moves: str


_HEADING = Row("build", "what happens", "where", "it says", "the ledger then", "the next build", "publishes")


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown."""
    lines = [_HEADING, ("---",) * len(_HEADING), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write(rows: Sequence[Row], order: Sequence[tuple[str, str, str]]) -> None:
    """Put these rows into the page's table, in place of those of the same cases; cases not in `order` go."""
    head, mark, known = _PAGE.read_text(encoding="utf-8").partition(_MARK)
    assert mark, f"{_PAGE} has no place for the table"
    lines = [line for line in known.splitlines() if line.startswith("| ")][2:]
    kept = [Row(*line.removeprefix("| ").removesuffix(" |").split(" | ")) for line in lines]
    by_case = {row[:3]: row for row in (*kept, *rows)}
    ordered = [by_case[case] for case in order if case in by_case]
    _PAGE.write_text(f"{head}{mark}\n{len(ordered)} cases.\n\n{table(ordered)}\n", encoding="utf-8")
