"""Printing: data on standard output, talk and errors on standard error; for people or as JSON."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from maho_segments.errors import Problem

if TYPE_CHECKING:
    from rich.console import Console

    from maho_segments.services.doctor.finding import Finding

# Wide enough for any table of ours: what is not a terminal has no edge to wrap at.
_NO_EDGE = 1000

Column = tuple[str, Literal["left", "right"]]


def data_console() -> "Console":
    """The console of answers, on standard output."""
    return _console(stderr=False)


def talk_console() -> "Console":
    """The console of progress, hints and errors, on standard error."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> "Console":
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    # Named, not looked up at each print: while dbt works, sys.stdout and sys.stderr lead nowhere.
    width = None if stream.isatty() else _NO_EDGE
    return Console(file=stream, width=width, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Tell a person something on standard error."""
    talk_console().print(text, markup=False)


def print_problems(problems: Iterable[Problem]) -> None:
    """Tell every problem of the definitions: its place, what was found, what is allowed, what to do."""
    from rich.text import Text

    console = talk_console()
    for problem in problems:
        style = "red" if problem.severity == "error" else "yellow"
        first, *rest = str(problem).splitlines()
        line = Text(first)
        line.stylize("bold", 0, len(problem.place))
        line.stylize(style, len(problem.place))
        console.print(line)
        for more in rest:
            console.print(Text(more))


def print_json(value: object) -> None:
    """An answer for programs: indented UTF-8 JSON on standard output."""
    sys.stdout.write(_json(value) + "\n")


def print_json_rows(rows: Iterable[object]) -> None:
    """An answer of many rows for programs: a JSON list, a row on each line, written while the rows come."""
    separator = "[\n"
    for row in rows:
        sys.stdout.write(separator + _json(row, indent=None))
        separator = ",\n"
    sys.stdout.write("[]\n" if separator == "[\n" else "\n]\n")


def _json(value: object, *, indent: int | None = 2) -> str:
    return json.dumps(value, indent=indent, ensure_ascii=False, default=plain)


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
    """An answer for people: a table on standard output, not wrapped where there is no terminal."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for heading, justify in columns:
        table.add_column(heading, justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    data_console().print(table, soft_wrap=False)


def print_people(rows: Iterable[Mapping[str, object]], *, website: str, since: str | None = None) -> None:
    """Members as a table, with what people know them by. The arguments name what the answers differ in."""
    known: list[Column] = [("Profile", "right"), ("Type", "left"), ("E-mail", "left"), ("Name", "left")]
    entered: list[Column] = [("Entered", "left")] if since else []
    print_table(
        [*known, ("Website", "left"), *entered],
        (
            [
                *(plain(row[column]) for column in ("profile_id", "profile_type", "email")),
                " ".join(plain(row[column]) for column in ("first_name", "last_name") if row[column]),
                *(plain(row[column]) for column in (website, since) if column),
            ]
            for row in rows
        ),
    )


def print_finding(finding: "Finding") -> None:
    """What a look at one thing showed, in a line, with what to do about it below."""
    from rich.text import Text

    console = data_console()
    style = {"good": "green", "warning": "yellow", "bad": "red"}[finding.state]
    subject = (f"{finding.subject:<12}", "bold")
    console.print(Text.assemble((f"{finding.state:<8}", style), subject, finding.found))
    if finding.hint:
        console.print(Text(" " * 20 + finding.hint, style="dim"))


def print_sql(query: str) -> None:
    """A query as the answer: in colours on a terminal, else the bare text."""
    from rich.syntax import Syntax

    console = data_console()
    if console.is_terminal:
        # As a text, which the terminal wraps: as a block, its lines would be cut at the edge.
        console.print(
            Syntax(query, "postgresql", theme="ansi_dark", background_color="default").highlight(query)
        )
    else:
        sys.stdout.write(query + "\n")


def count(number: int | None) -> str:
    """A count as people read it: `12,345`, and a dash where there is none."""
    return "-" if number is None else f"{number:,}"


def counted(number: int | None, noun: str) -> str:
    """So many of something, as people read it: `1 profile`, `12,345 profiles`."""
    return f"{count(number)} {noun}{'s' if number != 1 else ''}"


def share(part: int | None, whole: int | None) -> str:
    """A part of a whole in percent: `4.2 %`, and a dash where that says nothing."""
    return "-" if part is None or not whole else f"{100 * part / whole:.1f} %"


def plain(value: object) -> str:
    """A value of the database as text: an instant as 2026-03-31T12:00:00Z, nothing for a missing one."""
    from maho_segments.services.instants import format_instant

    if isinstance(value, datetime):
        return format_instant(value)
    return "" if value is None else str(value)
