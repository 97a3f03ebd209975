"""Segments that are the same, or hold all members of others, are told."""

import pytest

from maho_segments.errors import Problem
from maho_segments.language import advise
from tests.unit.language.small_project import Files


def advice(files: Files, segments: str) -> list[Problem]:
    return [
        problem
        for problem in advise(files.check("version: 1\nsegments:\n" + segments))
        if problem.code in ("same-segment", "contains-segment")
    ]


def told(files: Files, segments: str) -> list[tuple[str | None, str]]:
    return [(problem.segment, problem.code) for problem in advice(files, segments)]


def test_segments_of_the_same_rule_are_told_whatever_its_spelling(files: Files) -> None:
    first, second = (
        "{ all: [ { email: [a, b] }, { number_of_orders: { gt: 1, lt: 9 } } ] }",
        "{ number_of_orders: { lt: 9.0 }, all: [ email: { in: [B, A] }, number_of_orders: { gt: 1 } ] }",
    )
    problems = advice(files, f"  one: {{ match: {first} }}\n  other: {{ label: O, match: {second} }}\n")
    assert [(problem.segment, problem.code) for problem in problems] == [("other", "same-segment")]
    assert "`one` (line 3)" in problems[0].found
    assert problems[0].line == 4


def test_segments_of_the_same_meaning_are_told(files: Files) -> None:
    first = "{ number_of_orders: { gte: 1 } }"
    for second in ("{ orders: {} }", "{ not: { number_of_orders: 0 } }", "{ orders: { count: { gt: 0 } } }"):
        segments = f"  one: {{ match: {first} }}\n  other: {{ match: {second} }}\n"
        assert told(files, segments) == [("other", "same-segment")], second


def test_settings_make_segments_different(files: Files) -> None:
    for settings in ("audience: guests", "websites: base", "customer_groups: VIP", "active: false"):
        segments = f"  one: {{ match: {{ email: a }} }}\n  other: {{ {settings}, match: {{ email: a }} }}\n"
        assert ("other", "same-segment") not in told(files, segments), settings


@pytest.mark.parametrize(
    "rule",
    [
        "orders: { where: { ordered_at.hour: 5 } }",
        "created_at: { before: 2024-01-05 }",
        "created_at.date: 2024-01-05",
        "created_at: { within: 1 month }",
        "birth_date: { within: 3 days }",
    ],
)
def test_days_of_another_time_zone_make_segments_different(files: Files, rule: str) -> None:
    segments = "".join(
        f"  {name}: {{ time_zone: {zone}, match: {{ {rule} }} }}\n"
        for name, zone in (("berlin", "Europe/Berlin"), ("tokyo", "Asia/Tokyo"))
    )
    assert told(files, f"{segments}  own: {{ match: {{ {rule} }} }}\n") == []


def test_time_zones_do_not_matter_to_dates(files: Files) -> None:
    rule = "match: { birth_date: 2000-01-05 }"
    segments = f"  tokyo: {{ time_zone: Asia/Tokyo, {rule} }}\n  own: {{ {rule} }}\n"
    assert told(files, segments) == [("own", "same-segment")]


def test_expressions_and_names_that_only_look_alike_make_segments_different(files: Files) -> None:
    segments = (
        "  digit: { match: { email: { matches: '\\d' } } }\n"
        "  other: { match: { email: { matches: '\\D' } } }\n"
        "  strasse: { customer_groups: Strasse, match: { orders: {} } }\n"
        "  sharp_s: { customer_groups: Stra\u00dfe, match: { orders: {} } }\n"
    )
    assert told(files, segments) == []


def test_segment_that_holds_others_is_told_once(files: Files) -> None:
    problems = advice(
        files,
        """
  buyers: { match: { orders: {} } }
  good: { match: { lifetime_sales: { gt: 1000 } } }
  better: { match: { lifetime_sales: { gt: 5000 }, email: { is_set: true } } }
  recent: { match: { orders: { within: 30 days } } }
  others: { match: { none: [ { orders: {} } ] } }
""",
    )
    assert [(problem.segment, problem.code) for problem in problems] == [
        ("buyers", "contains-segment"),
        ("good", "contains-segment"),
    ]
    assert (
        problems[0].found == "everybody in `good`, `better`, `recent` is in `buyers` too, and no rule says so"
    )
    assert problems[1].found == "everybody in `better` is in `good` too, and no rule says so"


def test_what_segments_say_of_each_other_is_not_told(files: Files) -> None:
    assert (
        told(
            files,
            """
  good: { match: { lifetime_sales: { gt: 1000 } } }
  best: { match: { segment: good, number_of_orders: { gt: 5 } } }
  best_of_all: { match: { segment: best, lifetime_sales: { gt: 5000 } } }
  any_good: { match: { any: [ { segment: [good, best] }, { email: a } ] } }
""",
        )
        == []
    )


def test_what_only_overlaps_is_not_told(files: Files) -> None:
    assert (
        told(
            files,
            """
  low: { match: { lifetime_sales: { lt: 1000 } } }
  middle: { match: { lifetime_sales: { between: [500, 1500] } } }
  high_of_guests: { audience: guests, match: { lifetime_sales: { gt: 1000 } } }
  high: { match: { lifetime_sales: { gt: 1200 } } }
  recent: { match: { orders: { where: { state: new }, within: 90 days } } }
  older: { match: { orders: { within: 30 days } } }
""",
        )
        == []
    )


def test_copies_of_segments_that_name_each_other_are_the_same(files: Files) -> None:
    segments = "".join(
        f"  good_{number}: {{ match: {{ lifetime_sales: {{ gt: 5 }} }} }}\n"
        f"  best_{number}: {{ match: {{ segment: good_{number}, email: a }} }}\n"
        for number in (1, 2)
    )
    assert told(files, segments) == [("good_2", "same-segment"), ("best_2", "same-segment")]
