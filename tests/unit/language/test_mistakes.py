"""Every mistake is found, placed and explained, one by one and all at once."""

from textwrap import indent

import pytest

from maho_segments.errors import DefinitionsError, Problem
from tests.unit.language.mistakes import MISTAKES, Mistake
from tests.unit.language.small_project import Files

GOOD = """version: 1
segments:
  good:
    match: { email: a }
  asleep:
    active: false
    match: { email: a }
"""


def segment_text(mistake: Mistake) -> str:
    return f"  {mistake.name}:\n" + indent(mistake.body, "    ") + "\n"


def problems_of(files: Files, text: str) -> list[Problem]:
    files.write(
        "macros/conditions/condition_known.sql",
        "{% macro condition_known(arguments, scope) %}{{ arguments.percent }}{% endmacro %}",
    )
    with pytest.raises(DefinitionsError) as raised:
        files.check(text)
    assert raised.value.exit_code == 2
    return raised.value.problems


def check_explained(problem: Problem, mistake: Mistake) -> None:
    assert problem.path == "segments.yml"
    assert problem.segment == mistake.name
    assert problem.code == mistake.code
    assert problem.severity == "error"
    assert mistake.found in problem.found
    assert mistake.allowed == "" or problem.allowed[0] == mistake.allowed
    assert mistake.hint in problem.hint
    assert problem.hint
    assert problem.column > 0


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_mistake_is_placed_and_explained(files: Files, mistake: Mistake) -> None:
    text = GOOD + segment_text(mistake)
    (problem,) = problems_of(files, text)
    check_explained(problem, mistake)
    assert "# <--" in text.splitlines()[problem.line - 1]


def test_all_mistakes_of_a_file_are_told_at_once_in_its_order(files: Files) -> None:
    assert len(MISTAKES) > 100
    text = GOOD + "".join(map(segment_text, MISTAKES))
    problems = problems_of(files, text)
    marked = [number for number, line in enumerate(text.splitlines(), 1) if "# <--" in line]
    assert [problem.line for problem in problems] == marked
    for problem, mistake in zip(problems, MISTAKES, strict=True):
        check_explained(problem, mistake)


def test_error_says_where_what_and_what_to_do(files: Files) -> None:
    problems = problems_of(files, GOOD + "  late:\n    match: { email: { contain: a, gt: 5 } }\n")
    assert str(DefinitionsError(problems)).splitlines() == [
        "segments.yml:9:23 in late: the operator `contain` does not exist",
        "  allowed: contains, not_contains, eq, ne, in, not_in, is_set, starts_with, ends_with, matches",
        "  Did you mean `contains`?",
        "segments.yml:9:35 in late: gt does not work on text, which email is",
        "  allowed: eq, ne, in, not_in, is_set, contains, not_contains, starts_with, ends_with, matches",
        "  Use one of the allowed operators.",
        "2 problems in segments.yml",
    ]


def test_two_mistakes_of_one_test_are_both_told(files: Files) -> None:
    problems = problems_of(
        files, GOOD + "  two:\n    match: { orders: { where: { a: 1, b: 2 }, within: x } }\n"
    )
    assert [problem.code for problem in problems] == ["unknown-column", "unknown-column", "duration"]


def test_mistake_in_repeated_rule_names_the_segment_that_repeats_it(files: Files) -> None:
    text = GOOD + "  one:\n    match: &rule { nope: 1 }\n  two:\n    match: *rule\n"
    assert [(problem.segment, problem.line) for problem in problems_of(files, text)] == [
        ("one", 9),
        ("two", 9),
    ]
