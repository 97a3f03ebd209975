"""`segments test`: are the people of segment_tests.yml in the segments they must be in, and in no other?"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from maho_segments.cli.options import JsonOption, workspace

if TYPE_CHECKING:
    from maho_segments.services.segment_tests import AnsweredClause, Failure, Report

_MOST_NAMES = 10


def run(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Segments to test. Default: all that have tests."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", metavar="FILE", help="Another file than segment_tests.yml."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Test segments on made-up people.

    segment_tests.yml says who they are, and which segments they must be in or not. The macros of a build
    answer it in the database, without any shop, and nothing is written. Exit code 1 when somebody is not
    where they must be.
    """
    from maho_segments.cli.output import print_json
    from maho_segments.services.segment_tests import run_tests

    report = run_tests(workspace(), names or [], file=file)
    if as_json:
        print_json(report.as_dict())
    else:
        _print_report(report, with_hints=not names)
    if report.failures:
        raise typer.Exit(1)


def _print_report(report: "Report", *, with_hints: bool) -> None:
    from maho_segments.cli.output import count, counted, data_console, print_table, say

    print_table(
        [("Segment", "left"), ("In", "right"), ("Out", "right"), ("Failed", "right")],
        (
            [segment.name, count(segment.members), count(segment.others), count(segment.failed or None)]
            for segment in report.segments
        ),
    )
    console = data_console()
    for failure in report.failures:
        for line in _told(failure):
            console.print(line, markup=False)
        console.print()
    people = sum(segment.members + segment.others for segment in report.segments)
    failed = len(report.failures)
    verdict = f"{count(failed)} of them not where they must be" if failed else "all where they must be"
    tested = counted(len(report.segments), "segment")
    console.print(f"{tested}, {count(people)} people, {verdict}, in {report.seconds:.1f} s.", markup=False)
    if with_hints and report.untested:
        first, more = report.untested[:_MOST_NAMES], len(report.untested) - _MOST_NAMES
        say(f"Without a test: {', '.join(first)}{f' and {more} more' if more > 0 else ''}.")


def _told(failure: "Failure") -> Iterator[str]:
    """A failure in lines: who, where they must be, and what each part of the rule says of them."""
    test, person = failure.test, failure.person
    wanted = "must be in it, and is not" if person.is_member else "must not be in it, and is"
    name = f" ({test.name})" if test.name else ""
    yield f"{failure.place} {test.segment}{name}: `{person.name}` {wanted}"
    if failure.rule:
        yield from _clauses(failure.rule, "  ")
    elif person.profile.get("is_active"):
        yield "  They are in no segment: created at or after the instant of the test."
    else:
        yield "  They are in no segment: the account is disabled."


def _clauses(clauses: "Iterable[AnsweredClause]", indent: str) -> Iterator[str]:
    for clause in clauses:
        first, *rest = clause.words
        is_one = len(clause.found) == 1
        values = [(_shown(value), label) for label, value in clause.found]
        found = ", ".join(value if is_one else f"{label} {value}" for value, label in values)
        yield f"{indent}{'✓' if clause.holds else '✗'} {first}{f' [{found}]' if found else ''}"
        yield from (f"{indent}  {line}" for line in rest)
        yield from _clauses(clause.parts, indent + "  ")


def _shown(value: Any) -> str:
    """A value of a person, as JSON gives it, as people read it."""
    match value:
        case None:
            return "missing"
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case list():
            return ", ".join(map(_shown, value)) or "missing"
    text = f"{value:,f}" if not isinstance(value, int) else f"{value:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text
