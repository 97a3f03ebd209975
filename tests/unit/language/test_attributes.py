"""attributes.yml: what an attribute may be made of, and its mistakes."""

from decimal import Decimal
from textwrap import indent

import pytest

from maho_segments.errors import DefinitionsError, Problem
from maho_segments.language import advise
from maho_segments.language.rules import Attribute, Calculation, Constant, Measure, NamedAttribute, RowColumn
from tests.unit.language.small_project import Files


def read(files: Files, attributes: str) -> dict[str, Attribute]:
    files.write("attributes.yml", "attributes:\n" + indent(attributes, "  "))
    return files.check("version: 1\nsegments: { one: { match: { email: x } } }\n").attributes


def problems_of(files: Files, attributes: str) -> list[Problem]:
    with pytest.raises(DefinitionsError) as raised:
        read(files, attributes)
    return raised.value.problems


def test_forms_nest(files: Files) -> None:
    attributes = read(
        files,
        """
frequency:
  type: days
  description: >
    Days between
    two orders.
  ratio:
    - days_between: [first, last]
    - difference: [ orders: { count: true }, 1 ]
first: { type: time, description: x, orders: { min: ordered_at } }
last: { type: time, description: x, orders: { max: ordered_at } }
        """,
    )
    frequency = attributes["frequency"]
    assert frequency.description == "Days between two orders."
    assert isinstance(frequency.value, Calculation)
    between, orders = frequency.value.of
    assert between == Calculation(
        "days_between", (NamedAttribute("first", "time"), NamedAttribute("last", "time")), "days"
    )
    assert isinstance(orders, Calculation)
    assert isinstance(orders.of[0], Measure)
    assert orders.of[1] == Constant(Decimal(1), "number")


def test_measure_has_rows_and_an_aggregate(files: Files) -> None:
    attributes = read(
        files,
        """
spent: { type: money, description: x, orders: { where: { state: new }, within: 1 year, sum: grand_total } }
        """,
    )
    value = attributes["spent"].value
    assert isinstance(value, Measure)
    assert value.column == RowColumn("grand_total", "money")
    assert value.rows.where is not None
    assert [test.operator for test in value.rows.window] == ["within"]


@pytest.mark.parametrize(
    ("attributes", "code", "found"),
    [
        ("a: 5", "attribute", "the number 5"),
        ("a: { description: x, orders: { count: true } }", "attribute-type", "the type of `a`"),
        ("a: { type: mony, description: x, orders: { count: true } }", "attribute-type", "`mony`"),
        ("a: { type: list, description: x, orders: { count: true } }", "attribute-type", "`list`"),
        ("a: { TEXT, orders: { count: true } }", "attribute-type", "declared as text"),
        ("a: { type: number, description: 5, orders: { count: true } }", "value-type", "the number 5"),
        ("a: { NUMBER }", "attribute", "0 forms"),
        (
            "a: { NUMBER, orders: { count: true }, notes: { count: true } }",
            "attribute",
            "2 forms",
        ),
        ("a: { NUMBER, rati: [1, 2] }", "unknown-form", "`rati`"),
        ("a: { NUMBER, orders: { state: new } }", "unknown-key", "`state`"),
        ("a: { NUMBER, orders: {} }", "aggregate", "0 aggregates"),
        ("a: { NUMBER, orders: { count: { gt: 5 } } }", "aggregate", "a mapping"),
        (
            "a: { NUMBER, orders: { sum: { grand_total: 5 } } }",
            "aggregate",
            "a mapping",
        ),
        (
            "a: { NUMBER, orders: { sum: grand_totl } }",
            "unknown-column",
            "`grand_totl`",
        ),
        ("a: { NUMBER, orders: { max: state } }", "aggregate-type", "text"),
        (
            "a: { NUMBER, orders: { count: true, latest: { state: new } } }",
            "unknown-key",
            "latest",
        ),
        ("a: { NUMBER, ratio: [1] }", "operands", "takes 2 values, not 1"),
        (
            "a: { DAYS, days_since: [created_at, created_at] }",
            "operands",
            "takes 1 values, not 2",
        ),
        ("a: { NUMBER, ratio: [email, 2] }", "operand-type", "`email` is text"),
        ("a: { NUMBER, ratio: [nope, 2] }", "unknown-name", "`nope`"),
        ("a: { DAYS, days_since: 5 }", "operand-type", "`5` is a number"),
        ("a: { DAYS, days_since: email }", "operand-type", "`email` is text"),
        ("a: { TIME, latest_of: [birth_date] }", "operand-type", "a date"),
        (
            "a: { TIME, first_set: [birth_date, created_at] }",
            "operand-type",
            "date and time",
        ),
        (
            "a: { NUMBER, ratio: [{ orders: { count: true }, x: 1 }, 2] }",
            "operand",
            "a mapping",
        ),
        ("A: { NUMBER, orders: { count: true } }", "attribute-name", "lower-case"),
        (
            "any: { NUMBER, orders: { count: true } }",
            "attribute-name",
            "word of the language",
        ),
        ("orders: { NUMBER, orders: { count: true } }", "attribute-name", "a relation"),
        (
            "email: { NUMBER, orders: { count: true } }",
            "attribute-name",
            "column of the profiles",
        ),
        ("gender_id: { NUMBER, orders: { count: true } }", "attribute-name", "a hidden column"),
        ("a: { NUMBER, difference: [a, 1] }", "attribute-circle", "a -> a"),
    ],
)
def test_mistake_is_explained(files: Files, attributes: str, code: str, found: str) -> None:
    for kind in ("number", "days", "time", "text"):
        attributes = attributes.replace(kind.upper(), f"type: {kind}, description: x")
    problem = problems_of(files, attributes)[0]
    assert (problem.path, problem.line, problem.segment, problem.code) == ("attributes.yml", 2, None, code)
    assert found in problem.found
    assert problem.hint


def test_circle_is_printed(files: Files) -> None:
    problems = problems_of(
        files,
        """
a: { type: number, description: x, difference: [b, 1] }
b: { type: number, description: x, ratio: [{ difference: [c, 1] }, 2] }
c: { type: number, description: x, difference: [1, a] }
        """,
    )
    assert [problem.found for problem in problems] == [
        "attributes use each other in a circle: a -> b -> c -> a"
    ]


def test_attribute_that_would_grow_beyond_measure_is_refused(files: Files) -> None:
    lines = ["a0: { type: number, description: x, orders: { count: true } }"]
    lines += [
        f"a{n}: {{ type: number, description: x, difference: [a{n - 1}, a{n - 1}] }}" for n in range(1, 60)
    ]
    (problem,) = problems_of(files, "\n".join(lines))
    assert (problem.code, problem.line) == ("attribute-size", 11)


def test_chain_of_attributes_as_long_as_the_file_is_refused_without_exhausting_anything(files: Files) -> None:
    lines = ["a0: { type: number, description: x, orders: { count: true } }"]
    lines += [f"a{n}: {{ type: number, description: x, difference: [a{n - 1}, 1] }}" for n in range(1, 3000)]
    (problem,) = problems_of(files, "\n".join(reversed(lines)))
    assert problem.code == "attribute-size"


def test_mistake_of_an_attribute_is_not_told_again_where_it_is_used(files: Files) -> None:
    files.write("attributes.yml", "attributes:\n  a: { type: nonsense, orders: { count: true } }\n")
    with pytest.raises(DefinitionsError) as raised:
        files.check("version: 1\nsegments: { one: { match: { a: 5 } } }\n")
    assert {problem.path for problem in raised.value.problems} == {"attributes.yml"}


def test_description_is_asked_for(files: Files) -> None:
    files.write("attributes.yml", "attributes: { a: { type: number, orders: { count: true } } }")
    project = files.check("version: 1\nsegments: { one: { match: { a: 5 } } }\n")
    assert [problem.code for problem in advise(project)] == ["no-description"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[]", "file-shape"),
        ("attributes: []", "file-shape"),
        ("attribute: {}", "unknown-key"),
        ("version: 2", "version"),
    ],
)
def test_shape_of_the_file_is_checked(files: Files, text: str, code: str) -> None:
    files.write("attributes.yml", text)
    with pytest.raises(DefinitionsError) as raised:
        files.check("version: 1\nsegments: { one: { match: { email: x } } }\n")
    assert raised.value.problems[0].code == code
