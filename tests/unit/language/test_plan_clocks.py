"""The clocks of a plan: what of a rule the passing of time changes, and nothing else."""

from typing import Any

import pytest

from maho_segments.language import compile_plan
from tests.unit.language.small_project import Files

_CREATED = {"profile": "created_at", "type": "time"}
_BIRTH = {"profile": "birth_date", "type": "date"}


def clocks(files: Files, match: str) -> list[Any]:
    plan: Any = compile_plan(files.check_match(match))
    return list(plan["clocks"])


def days_since(days: list[int], value: Any = _CREATED) -> dict[str, Any]:
    return {"kind": "days_since", "value": value, "days": days, "time_zone": None}


def anniversary(days: list[int]) -> dict[str, Any]:
    return {"kind": "anniversary", "value": _BIRTH, "days": days, "time_zone": None}


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ("email: a", []),
        ("created_at: { since: 2024-01-01 }", []),
        ("created_at.weekday: monday", []),
        ("created_at: { within: 1 day }", [{"kind": "window", "value": _CREATED, "minutes": [0, 1440]}]),
        ("created_at: { older_than: 2 weeks }", [{"kind": "window", "value": _CREATED, "minutes": [20160]}]),
        (
            "{ all: [created_at: { within: 1 day }, not: { created_at: { older_than: 1 hour } }] }",
            [{"kind": "window", "value": _CREATED, "minutes": [0, 60, 1440]}],
        ),
        (
            "created_at: { older_than: 6 months }",
            [{"kind": "calendar_window", "value": _CREATED, "count": 6, "unit": "months", "time_zone": None}],
        ),
        (
            "birth_date: { older_than: 7 days }",
            [{"kind": "window", "value": _BIRTH, "minutes": [10080], "time_zone": None}],
        ),
        ("birth_date: { anniversary_within: 7 days }", [anniversary([-7, 1])]),
        # Any day of the year is within a year of its return.
        ("birth_date: { anniversary_within: 400 days }", []),
    ],
)
def test_clocks_of_a_rule(files: Files, match: str, expected: list[Any]) -> None:
    assert clocks(files, match) == expected


@pytest.mark.parametrize(
    ("test", "days"),
    [
        ("{ gte: 30 }", [30]),
        ("{ lt: 30 }", [30]),
        ("{ gt: 30 }", [31]),
        ("{ lte: 30 }", [31]),
        ("{ gte: 2.5 }", [3]),
        ("{ gt: 2.5 }", [3]),
        ("{ lt: -2.5 }", [-2]),
        ("{ eq: 30 }", [30, 31]),
        ("{ between: [10, 20] }", [10, 21]),
        ("{ ne: 5, in: [1, 5] }", [1, 2, 5, 6]),
        ("{ eq: 2.5 }", []),
        ("{ gt: 100000000000 }", []),
        ("{ is_set: true }", []),
    ],
)
def test_count_of_days_turns_on_certain_days(files: Files, test: str, days: list[int]) -> None:
    with_days(files)
    assert clocks(files, f"days_here: {test}") == ([days_since(days)] if days else [])


@pytest.mark.parametrize(
    ("test", "is_past"),
    [
        ("{ gte: { attribute: lifetime_sales } }", [False]),
        ("{ gt: { attribute: lifetime_sales } }", [True]),
        ("{ eq: { attribute: lifetime_sales } }", [False, True]),
    ],
)
def test_count_of_days_is_compared_with_another_value(files: Files, test: str, is_past: list[bool]) -> None:
    with_days(files)
    found = clocks(files, f"days_here: {test}")
    assert [(clock["kind"], clock["is_past"]) for clock in found] == [
        ("days_since_value", past) for past in is_past
    ]


def test_other_calculations_wait_for_midnight(files: Files) -> None:
    with_days(files)
    expected = [{"kind": "midnight", "value": _CREATED, "time_zone": None}]
    assert clocks(files, "share_of_days: { gt: 2 }") == expected
    # On the day on which it is 0, the ratio is missing.
    assert clocks(files, "share_of_days: { is_set: true }") == expected


def test_relation_has_a_clock_for_its_rows_and_one_for_those_to_come(files: Files) -> None:
    plan: Any = compile_plan(files.check_match("orders: { within: 90 days, count: { gte: 2 } }"))
    features = {feature["aggregate"]: feature for feature in plan["relations"]["orders"]["features"]}
    column = {"column": "ordered_at", "type": "time"}
    assert features["flip"]["value"] == [{"kind": "window", "value": column, "minutes": [129_600]}]
    assert features["arrival"]["value"] == column
    assert features["flip"]["name"].startswith("orders_flip_")


def with_days(files: Files) -> None:
    """Add attributes that count days."""
    text = (files.folder / "attributes.yml").read_text(encoding="utf-8")
    text += """
  days_here: { type: days, description: Days here., days_since: created_at }
  share_of_days: { type: number, description: A share., ratio: [lifetime_sales, days_here] }
"""
    files.write("attributes.yml", text)
