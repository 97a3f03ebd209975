"""Running segment_tests.yml: real macros, real database, people that are gone when it is done."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from maho_segments import language
from maho_segments.errors import SegmentsError
from maho_segments.language.project import Project
from maho_segments.language.segment_tests import (
    TESTS_FILE,
    Clause,
    Person,
    SegmentTest,
    ask_about,
    check_tests,
    number_people,
    sample_tables,
)
from maho_segments.services.instants import format_instant
from maho_segments.services.project import Workspace
from maho_segments.services.sample_people import Answers, sample_people
from maho_segments.services.segments import known
from maho_segments.warehouse import ensure_running


@dataclass(frozen=True)
class AnsweredClause:
    """A part of the segment's rule, whether it holds for the person, and what the person has there."""

    words: tuple[str, ...]
    holds: bool
    found: tuple[tuple[str, Any], ...]
    parts: "tuple[AnsweredClause, ...]"

    def as_dict(self) -> dict[str, Any]:
        """The part for programs."""
        return {
            "words": "\n".join(self.words),
            "holds": self.holds,
            "found": dict(self.found),
            "parts": [part.as_dict() for part in self.parts],
        }


@dataclass(frozen=True)
class Failure:
    """Somebody who must be in and is not, or the other way round; `rule` is empty for who can be in none."""

    test: SegmentTest
    person: Person
    path: str
    rule: tuple[AnsweredClause, ...]

    @property
    def place(self) -> str:
        """Where the person stands, as editors understand it."""
        return f"{self.path}:{self.person.line}:{self.person.column}"

    def as_dict(self) -> dict[str, Any]:
        """The failure for programs."""
        return {
            "segment": self.test.segment,
            "test": self.test.name,
            "person": self.person.name,
            "path": self.path,
            "line": self.person.line,
            "column": self.person.column,
            "as_of": format_instant(self.test.as_of),
            "expected": "in" if self.person.is_member else "out",
            "found": "out" if self.person.is_member else "in",
            "rule": [clause.as_dict() for clause in self.rule],
        }


@dataclass(frozen=True)
class TestedSegment:
    """How many people a segment was tested on, and how many of them are not where they must be."""

    name: str
    members: int
    others: int
    failed: int

    def as_dict(self) -> dict[str, Any]:
        """The segment for programs."""
        return {"name": self.name, "in": self.members, "out": self.others, "failed": self.failed}


@dataclass(frozen=True)
class Report:
    """What the tests found; `untested` are the active segments that no test speaks of."""

    segments: tuple[TestedSegment, ...]
    failures: tuple[Failure, ...]
    untested: tuple[str, ...]
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "passed": not self.failures,
            "segments": [segment.as_dict() for segment in self.segments],
            "failures": [failure.as_dict() for failure in self.failures],
            "untested": list(self.untested),
            "seconds": round(self.seconds, 2),
        }


def run_tests(
    workspace: Workspace, names: Sequence[str], *, file: Path | None = None, explain: bool = True
) -> Report:
    """Test the named segments, or all that have tests. Nothing of the shop is read, and nothing is written.

    `explain` takes the rules apart for those who are not where they must be. Raises DefinitionsError for
    invalid definitions or tests, SegmentsError for a name without a test.
    """
    started = time.monotonic()
    project = language.check_project(workspace.folder)
    found = check_tests(project, file or workspace.folder / TESTS_FILE)
    tested = {test.segment for test in found.tests}
    for name in names:
        known(name, project.segments)
        if name not in tested:
            raise SegmentsError(
                f"The segment {name} has no test in {found.path}.",
                f"Write one below `tests:`, beginning with `{name}:`.",
            )
    tests = [test for test in found.tests if not names or test.segment in names]
    failures = sorted(
        _failures(workspace, project, found.path, tests, explain=explain),
        key=lambda failure: (failure.person.line, failure.person.column),
    )
    return Report(
        tuple(_tested(name, tests, failures) for name in dict.fromkeys(test.segment for test in tests)),
        tuple(failures),
        tuple(name for name, segment in project.segments.items() if segment.is_active and name not in tested),
        time.monotonic() - started,
    )


def _tested(name: str, tests: Iterable[SegmentTest], failures: Iterable[Failure]) -> TestedSegment:
    people = [person for test in tests if test.segment == name for person in test.people]
    return TestedSegment(
        name,
        sum(person.is_member for person in people),
        sum(not person.is_member for person in people),
        sum(failure.test.segment == name for failure in failures),
    )


def _failures(
    workspace: Workspace, project: Project, path: str, tests: Sequence[SegmentTest], *, explain: bool
) -> Iterator[Failure]:
    """The people who are not where they must be; all of one instant are asked at once."""
    from maho_segments.services.dbt import DbtProject  # noqa: PLC0415  dbt takes two seconds: not before it is needed

    settings = ensure_running(workspace.folder, workspace.environ)
    dbt = DbtProject(workspace.folder, settings, workspace.environ)

    def render(macro: str, plan: dict[str, Any], as_of: datetime) -> str:
        call = f"{{{{ {macro}({language.plan_expression(plan)}) }}}}"
        return dbt.compile_inline(call, variables={"as_of": format_instant(as_of)})

    def instant(test: SegmentTest) -> datetime:
        return test.as_of

    for as_of, group in groupby(sorted(tests, key=instant), key=instant):
        test_of = {id(person): test for test in group for person in test.people}
        plan: Any = language.compile_selection(project, [test.segment for test in test_of.values()])
        places = {segment["name"]: place for place, segment in enumerate(plan["segments"])}
        query = render("segment_tests_query", plan, as_of)
        everybody = (person for test in tests for person in test.people if id(person) in test_of)
        for people in number_people(project.vocabulary, everybody):
            with sample_people(settings, sample_tables(project.vocabulary, people)) as sample:
                memberships = sample.memberships(query)
                wrong = {
                    number: test_of[id(person)]
                    for number, person in people.items()
                    if (places[test_of[id(person)].segment] in memberships.get(number, ()))
                    is not person.is_member
                }
                rules: dict[int, tuple[AnsweredClause, ...]] = {}
                if wrong and explain:
                    questions = ask_about(project, {number: test.segment for number, test in wrong.items()})
                    answers = sample.answers(render("segment_tests_answers", questions.plan, as_of))
                    rules = {
                        number: tuple(_answered(clause, found) for clause in questions.clauses[number])
                        for number, found in answers.items()
                    }
            for number, test in wrong.items():
                yield Failure(test, people[number], path, rules.get(number, ()))


def _answered(clause: Clause, answers: Answers) -> AnsweredClause:
    return AnsweredClause(
        clause.words,
        answers.rules[clause.rule],
        tuple((label, answers.values[value]) for label, value in clause.values),
        tuple(_answered(part, answers) for part in clause.parts),
    )
