"""Every form of the language in words."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from maho_segments.language import in_words, rules
from maho_segments.language.operators import OPERATORS
from maho_segments.language.phrases import predicate_phrase
from maho_segments.language.phrases import test_phrase as phrase_of
from maho_segments.language.rules import Constant, ProfileColumn


def explained(files, match: str) -> list[str]:
    """The lines that say the rule, without the audience before and the notes after."""
    text = in_words(files.check_match(match), "tested")
    return text.split("\n\n")[0].splitlines()[1:]


def test_in_words_begins_with_the_audience_and_ends_with_what_is_meant(files):
    project = files.check("""
        version: 1
        segments:
          tested:
            audience: [customers, guests]
            websites: [a, b]
            customer_groups: A
            time_zone: Europe/Berlin
            match:
              all:
                - lifetime_sales: { gt: 5000 }
                - gender: { ne: Male }
        """)
    assert in_words(project, "tested") == "\n".join(
        [
            "Customers and guests of the websites a or b in the group A for whom all of these are true:",
            "- lifetime sales is more than 5,000",
            "- gender is anything but Male",
            "",
            "What is meant:",
            "- lifetime sales: Sales.",
            '- "anything but" lets in who has no such value.',
            "- Days and months are those of Europe/Berlin.",
        ]
    )


def test_in_words_says_that_a_segment_is_switched_off(files):
    project = files.check("""
        version: 1
        segments:
          tested: { active: false, match: { gender: Female } }
        """)
    assert "The segment is switched off: nobody is in it." in in_words(project, "tested")


def test_in_words_raises_for_an_unknown_segment(files):
    with pytest.raises(KeyError):
        in_words(files.check_match("{ gender: Female }"), "nobody")


@pytest.mark.parametrize(
    ("match", "lines"),
    [
        # Forms of rules.
        ("{ gender: Female, email: a@b.example }", ["- gender is Female", "- email is a@b.example"]),
        (
            "{ none: [ gender: Female, email: a ] }",
            ["- gender is Female", "- email is a"],
        ),
        ("{ none: [ gender: Female ] }", ["- it is not true that gender is Female"]),
        ("{ not: { not: { gender: Female } } }", ["- gender is Female"]),
        (
            "{ not: { all: [ gender: Female, email: a ] } }",
            ["- not all of these are true:", "  - gender is Female", "  - email is a"],
        ),
        (
            "{ not: { any: [ gender: Female, email: a ] } }",
            ["- none of these is true:", "  - gender is Female", "  - email is a"],
        ),
        (
            "{ not: { none: [ gender: Female, email: a ] } }",
            ["- at least one of these is true:", "  - gender is Female", "  - email is a"],
        ),
        (
            "{ all: [ any: [ gender: Female, email: a ], is_confirmed: true ] }",
            [
                "- at least one of these is true:",
                "  - gender is Female",
                "  - email is a",
                "- it is confirmed",
            ],
        ),
        # Related rows.
        ("{ orders: {} }", ["- they have at least one order"]),
        ("{ none: [ orders: {} ] }", ["- they have no order"]),
        ("{ orders: { count: 0 } }", ["- they have no order"]),
        ("{ orders: { count: 1 } }", ["- they have exactly 1 order"]),
        ("{ orders: { count: { gte: 3 } } }", ["- they have at least 3 orders"]),
        ("{ orders: { count: { lt: 3 } } }", ["- they have fewer than 3 (or no) orders"]),
        ("{ orders: { count: { between: [1, 3] } } }", ["- they have from 1 to 3 orders"]),
        ("{ orders: { within: 90 days } }", ["- they have at least one order of the last 90 days"]),
        ("{ orders: { within: 1 year } }", ["- they have at least one order of the last year"]),
        ("{ orders: { older_than: 1 hour } }", ["- they have at least one order from more than 1 hour ago"]),
        ("{ orders: { since: 2025-01-01 } }", ["- they have at least one order since 2025-01-01"]),
        (
            "{ orders: { between: [2025-01-01, 2025-01-31] } }",
            ["- they have at least one order from 2025-01-01 to 2025-01-31"],
        ),
        (
            "{ orders: { within: 7 days, on: paid_at } }",
            ["- they have at least one order whose paid at is in the last 7 days"],
        ),
        (
            "{ orders: { where: { state: complete } } }",
            ["- they have at least one order where state is complete"],
        ),
        (
            "{ not: { order_items: { where: { product.category: shoes, order.is_gift: true } } } }",
            ["- they have no order item where product category contains shoes, and the order is gift"],
        ),
        (
            "{ orders: { where: { any: [ state: complete, is_gift: false ] } } }",
            [
                "- they have at least one order where at least one of these is true:",
                "  - state is complete",
                "  - it is not gift",
            ],
        ),
        (
            "{ orders: { sum: { grand_total: { gt: 500 } } } }",
            ["- of the orders, the sum of grand total is more than 500"],
        ),
        (
            "{ orders: { where: { state: complete }, count: { gte: 2 }, avg: { subtotal: { lte: 9.5 } } } }",
            [
                "- of the orders where state is complete:",
                "  - their number is at least 2",
                "  - the average of subtotal is at most 9.5",
            ],
        ),
        (
            "{ orders: { min: { ordered_at: { before: 2025-01-01 }, grand_total: { gt: 1 } } } }",
            [
                "- of the orders:",
                "  - the earliest ordered at is before 2025-01-01",
                "  - the smallest grand total is more than 1",
            ],
        ),
        (
            "{ orders: { max: { ordered_at: { since: 2025-01-01 }, grand_total: { lt: 9 } } } }",
            [
                "- of the orders:",
                "  - the latest ordered at is 2025-01-01 or later",
                "  - the largest grand total is less than 9",
            ],
        ),
        (
            "{ orders: { count_distinct: { ordered_at.date: { gte: 3 } } } }",
            ["- of the orders, the number of different values of the day of ordered at is at least 3"],
        ),
        (
            "{ orders: { every: { state: complete }, latest: { is_gift: true }, first: { state: new } } }",
            [
                "- of the orders:",
                "  - there is at least one, and in every one of them, state is complete",
                "  - in the latest of them, it is gift",
                "  - in the first of them, state is new",
            ],
        ),
        (
            "{ orders: { first: { any: [ state: new, is_gift: true ] } } }",
            [
                "- of the orders, in the first of them, at least one of these is true:",
                "  - state is new",
                "  - it is gift",
            ],
        ),
        ("{ notes: { where: { topic: a } } }", ["- they have at least one note where topic is a"]),
        # Values.
        ('{ email: "a b" }', ['- email is "a b"']),
        ("{ email: { eq: A, case_sensitive: true } }", ["- email is A (in this very spelling)"]),
        ("{ created_at.weekday: [saturday, sunday] }", ["- the weekday of created at is saturday or sunday"]),
        ("{ interests: [a, b] }", ["- interests contains a or b"]),
        ("{ interests: { contains_all: [a, b] } }", ["- interests contains a and b"]),
        ("{ interests: { ne: a } }", ["- interests does not contain a"]),
        (
            "{ created_at: { gte: 2025-01-01T12:00:00+01:00 } }",
            ["- created at is 2025-01-01 11:00:00 UTC or later"],
        ),
        (
            "{ lifetime_sales: { gt: { attribute: number_of_orders } } }",
            ["- lifetime sales is more than number of orders"],
        ),
        (
            "{ orders: { where: { grand_total: { gt: { column: subtotal } } } } }",
            ["- they have at least one order where grand total is more than subtotal"],
        ),
        (
            "{ lifetime_sales: { gt: 5, lt: 9 } }",
            ["- lifetime sales is more than 5", "- lifetime sales is less than 9"],
        ),
    ],
)
def test_in_words_says_the_rule(files, match, lines):
    assert explained(files, match) == lines


def test_in_words_names_segments_by_label_and_name(files):
    project = files.check("""
        version: 1
        segments:
          vip: { label: Very important, match: { lifetime_sales: { gt: 5000 } } }
          good: { match: { lifetime_sales: { gt: 500 } } }
          tested: { match: { all: [ segment: vip, not: { segment: [vip, good] } ] } }
        """)
    assert in_words(project, "tested").splitlines()[1:] == [
        "- they are in the segment Very important (vip)",
        "- they are not in one of the segments Very important (vip) or Good (good)",
    ]


def test_in_words_names_conditions_with_their_arguments(files):
    files.write(
        "macros/conditions/condition_lucky.sql",
        "{% macro condition_lucky(arguments, scope) %}{{ arguments.percent }}{% endmacro %}",
    )
    match = (
        "{ any: [ condition: { name: lucky, with: { percent: 5 } }, not: { condition: { name: lucky } } ] }"
    )
    assert explained(files, match) == [
        "- the project's condition lucky is met (percent 5)",
        "- it is not true that the project's condition lucky is met",
    ]


def test_in_words_puts_a_long_where_on_lines_of_its_own(files):
    match = """
        orders:
          where:
            state: { not_in: [new, canceled] }
            coupon_code: { starts_with: A-RATHER-LONG-COUPON-CODE }
            grand_total: { gt: 1000000 }
        """
    assert explained(files, match) == [
        "- they have at least one order where all of these are true:",
        "  - state is anything but new or canceled",
        "  - coupon code starts with A-RATHER-LONG-COUPON-CODE",
        "  - grand total is more than 1,000,000",
    ]


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=lambda operator: operator.name)
def test_every_operator_has_a_phrase_for_every_type_it_works_on(operator):
    constants = {
        "text": Constant("a", "text"),
        "list": Constant("a", "text"),
        "boolean": Constant(True, "boolean"),
        "date": Constant(datetime(2025, 1, 31, tzinfo=UTC).date(), "date"),
        "time": Constant(datetime(2025, 1, 31, tzinfo=UTC), "time"),
        **{kind: Constant(Decimal(5), "number") for kind in ("number", "money", "days")},
    }
    for kind in operator.types:
        constant = Constant(True, "boolean") if operator.operand == "boolean" else constants[kind]
        operands = (constant,) * (2 if operator.operand == "pair" else 1)
        test = rules.Test(ProfileColumn("name", kind), operator.name, operands)
        phrase = predicate_phrase(test)
        assert "{" not in phrase
        assert phrase_of(test) == f"name {phrase}"
