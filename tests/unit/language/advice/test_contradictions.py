"""Rules that can't be true or can't be false are told, and no others."""

import pytest

from maho_segments.language import advise
from tests.unit.language.small_project import Files

NEVER = {
    "two_bounds": "lifetime_sales: { gt: 5, lt: 3 }",
    "nothing_between_whole_numbers": "orders: { count: { gt: 5, lt: 6 } }",
    "count_below_zero": "orders: { count: { lt: 0 } }",
    "days_ago_below_zero": "days_since_last_order: { lt: 0 }",
    "no_such_hour": "created_at.hour: { gt: 23 }",
    "in_and_eq": "all: [ { email: [A, b] }, { email: c } ]",
    "in_without_each": "all: [ { email: [A, b] }, { email: { ne: a } }, { not: { email: B } } ]",
    "text_within_text": "email: { starts_with: ab, not_contains: b }",
    "two_starts": "email: { starts_with: ab, starts_with: ac }".replace("starts_with: ac", "eq: ac"),
    "not_of_itself": "all: [ { orders: { count: { gte: 2 } } }, { not: { orders: { count: { gte: 2 } } } } ]",
    "some_and_none": "all: [ { orders: {} }, { none: [ { orders: {} } ] } ]",
    "none_of_more": "all: [ { orders: { within: 30 days } }, { none: [ { orders: { within: 90 days } } ] } ]",
    "windows_apart": "orders: { within: 7 days, older_than: 30 days }",
    "months_apart": "orders: { within: 1 month, older_than: 1 month }",
    "months_and_days_apart": "orders: { within: 2 months, older_than: 80 days }",
    "missing_and_equal": "all: [ { birth_date: { is_set: false } }, { birth_date: { lt: 1990-01-01 } } ]",
    "days_apart": "created_at: { before: 2024-01-05, since: 2024-01-05 }",
    "day_and_instant_apart": 'created_at: { before: 2024-01-05, since: "2024-01-05T20:00:00Z" }',
    "day_of_a_time": "all: [ { created_at.date: 2024-01-05 }, { created_at: { since: 2024-01-06 } } ]",
    "yes_and_no": "all: [ { is_confirmed: true }, { is_confirmed: false } ]",
    "one_row_in_two_states": "orders: { where: { all: [ { state: new }, { state: complete } ] } }",
    "every_and_latest": "orders: { every: { state: new }, latest: { state: complete } }",
    "latest_outside_of_window": "orders: { within: 9 days, latest: { ordered_at: { older_than: 40 days } } }",
    "list_with_and_without": "interests: { contains_all: [a, b], contains_none: [b] }",
    "label_and_not": "all: [ { gender: a }, { not: { gender: [a, c] } } ]",
    "sum_without_rows": "all: [ orders: { sum: { grand_total: { gt: 5 } } }, none: [ orders: {} ] ]",
    "attribute_written_out": "all: [ { number_of_orders: 0 }, { orders: { count: { gte: 1 } } } ]",
    "more_different_than_rows": "orders: { count: 2, count_distinct: { ordered_at.date: { gt: 2 } } }",
    "more_different_than_options": "orders: { count_distinct: { state: { gt: 3 } } }",
    "least_above_greatest": "orders: { min: { grand_total: { gt: 10 } }, max: { grand_total: { lt: 5 } } }",
    "average_above_greatest": "orders: { avg: { grand_total: { gt: 10 } }, max: { grand_total: { lt: 5 } } }",
    "greatest_of_greater": "orders: { where: { grand_total: { gt: 9 } }, max: { grand_total: { lt: 5 } } }",
    "two_latest": "all: [ orders: { latest: { state: new } }, orders: { latest: { state: complete } } ]",
    "window_and_days": "all: [ last_order_at: { within: 7 days }, days_since_last_order: { gt: 30 } ]",
    "greater_than_itself": "lifetime_sales: { gt: { attribute: lifetime_sales } }",
    "greater_and_not": """
        all:
          - lifetime_sales: { gt: { attribute: number_of_orders } }
          - number_of_orders: { gte: { attribute: lifetime_sales } }
        """,
    "no_choice_left": """
        all:
          - any: [ { lifetime_sales: { gt: 5 } }, { number_of_orders: 3 } ]
          - lifetime_sales: { lt: 2 }
          - number_of_orders: { gt: 4 }
        """,
    "future": "created_at: { within_next: 3 days }",
}
ALWAYS = {
    "count_from_zero": "orders: { count: { gte: 0 } }",
    "known_or_missing": "any: [ { birth_date: { is_set: true } }, { birth_date: { is_set: false } } ]",
    "some_or_none": "any: [ { orders: {} }, { not: { orders: {} } } ]",
    "all_numbers": "any: [ { orders: { count: { lt: 5 } } }, { orders: { count: { gte: 5 } } } ]",
    "required": "profile_type: { is_set: true }",
    "part_of_an_all": "all: [ { email: a }, { orders: { count: { gte: 0 } } } ]",
}
POSSIBLE = {
    "between_whole_numbers_of_money": "lifetime_sales: { gt: 5, lt: 6 }",
    "zones_differ": 'created_at: { before: 2024-01-05, since: "2024-01-04T20:00:00Z" }',
    "two_rows": "all: [ { orders: { where: { state: new } } }, { orders: { where: { state: complete } } } ]",
    "code_and_label": "all: [ { gender: a }, { gender: b } ]",
    "label_of_a_missing_code": "all: [ { gender: { is_set: false } }, { gender: a } ]",
    "list_with_two": "all: [ { interests: a }, { interests: b } ]",
    "all_that_is_set": "is_confirmed: [true, false]",
    "every_state_or_none": "orders: { where: { state: [new, complete, canceled] } }",
    "less_of_fewer": "all: [ orders: { within: 90 days }, none: [ orders: { within: 30 days } ] ]",
    "months_of_all_lengths": "orders: { within: 2 months, older_than: 59 days }",
    "spelling": "all: [ { email: { eq: A, case_sensitive: true } }, { email: a } ]",
    "other_letters": "all: [ email: stra\u00dfe, email: { ne: strasse }, email: { is_set: true } ]",
    "dotless": "all: [ { email: \u0131 }, { email: I } ]",
    "past_of_another_column": "orders: { where: { paid_at: { within_next: 3 days } } }",
    "not_the_latest_twice": """
        none: [ { orders: { latest: { state: new } } }, { orders: { latest: { state: { ne: new } } } } ]
        """,
    "latest_and_first": "orders: { latest: { state: new }, first: { state: complete } }",
    "neither_greater_nor_less": """
        none:
          - lifetime_sales: { gt: { attribute: days_since_last_order } }
          - lifetime_sales: { lte: { attribute: days_since_last_order } }
        """,
    "days_are_not_24_hours": "all: [ last_order_at: { within: 7 days }, days_since_last_order: 7 ]",
    "missing_sum_and_no_rows": "all: [ orders: { sum: { grand_total: 0 } }, none: [ orders: {} ] ]",
    "two_columns": "orders: { where: { paid_at: { lt: 2024-01-01 }, delivery_date: { gt: 2024-01-01 } } }",
    "digits_and_others": r"all: [ { email: { matches: '\d' } }, { not: { email: { matches: '\D' } } } ]",
    "negative_on_missing": "all: [ { email: { ne: a } }, { email: { is_set: false } } ]",
}


def codes(files: Files, rule: str) -> list[str]:
    problems = advise(files.check_match(rule))
    return [problem.code for problem in problems if problem.code in ("never-true", "always-true")]


@pytest.mark.parametrize("name", NEVER)
def test_what_can_not_be_true_is_told(files: Files, name: str) -> None:
    assert codes(files, NEVER[name]) == ["never-true"]


@pytest.mark.parametrize("name", ALWAYS)
def test_what_can_not_be_false_is_told(files: Files, name: str) -> None:
    assert codes(files, ALWAYS[name]) == ["always-true"]


@pytest.mark.parametrize("name", POSSIBLE)
def test_what_is_possible_is_not_told(files: Files, name: str) -> None:
    assert codes(files, POSSIBLE[name]) == []


def test_both_sides_of_a_contradiction_are_told_with_their_places(files: Files) -> None:
    (problem,) = advise(
        files.check_match("""
            all:
              - lifetime_sales: { gt: 50 }
              - email: { is_set: true }
              - lifetime_sales: { lt: 30 }
        """)
    )
    first, second = str(problem).splitlines()
    assert first == (
        "segments.yml:9:29 in tested: warning: these can't be true together: lifetime sales is more than 50"
        " (line 7), and lifetime sales is less than 30 [never-true]"
    )
    assert second == "  It holds for nobody, ever. Correct it, or leave it out."


def test_the_innermost_part_is_told_once(files: Files) -> None:
    problems = advise(
        files.check_match("all: [ { email: a }, { not: { any: [ { orders: { count: { lt: 0 } } } ] } } ]")
    )
    assert [(problem.code, problem.line, problem.column) for problem in problems] == [("never-true", 6, 65)]


def test_days_of_another_time_zone_do_not_contradict(files: Files) -> None:
    problems = advise(
        files.check("""
            version: 1
            segments:
              late: { time_zone: Asia/Tokyo, match: { created_at: { on: 2024-01-02 } } }
              early: { time_zone: America/New_York, match: { created_at: { on: 2024-01-01 }, segment: late } }
              month: { time_zone: Asia/Tokyo, match: { created_at: { within: 1 month } } }
              older: { time_zone: UTC, match: { created_at: { older_than: 1 month }, segment: month } }
        """)
    )
    assert [problem.code for problem in problems] == []


def test_settings_and_named_segments_count(files: Files) -> None:
    problems = advise(
        files.check("""
            version: 1
            segments:
              big: { match: { lifetime_sales: { gt: 1000 } } }
              small_among_big: { match: { segment: big, lifetime_sales: { lt: 10 } } }
              guests: { audience: customers, match: { profile_type: guest } }
              group: { customer_groups: [VIP], match: { customer_group: { in: [General, Retailer] } } }
        """)
    )
    assert [(problem.segment, problem.code) for problem in problems] == [
        ("small_among_big", "never-true"),
        ("guests", "never-true"),
        ("group", "never-true"),
    ]


def test_attributes_give_advice_too(files: Files) -> None:
    files.write(
        "attributes.yml",
        """
        attributes:
          a:
            type: number
            description: A.
            orders: { where: { state: new, not: { state: new } }, count: true }
        """,
    )
    problems = advise(files.check_match("a: 5"))
    assert [(problem.path, problem.line) for problem in problems] == [
        ("attributes.yml", 5),
        ("segments.yml", 6),
    ]


def test_deep_rules_are_left_alone(files: Files) -> None:
    rule = "{ orders: { count: { lt: 0 } } }"
    for _ in range(200):
        rule = f"{{ not: {rule} }}"
    assert advise(files.check_match(f"not: {rule}")) == ()
