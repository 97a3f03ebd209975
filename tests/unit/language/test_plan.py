"""The plan as a whole: settings, sharing, hashes, levels, previews."""

from typing import Any

import pytest

from maho_segments.errors import DefinitionsError, SegmentsError
from maho_segments.language import compile_plan, compile_preview
from maho_segments.language.limits import MOST_COLUMNS, MOST_LEVELS
from maho_segments.language.plan_features import Features
from tests.unit.language.small_project import Files

TWO = """
    version: 1
    segments:
      buyers:
        label: Buyers
        match: { orders: { where: { state: complete } } }
      big_buyers:
        audience: [guests, customers]
        websites: [base]
        match:
          orders: { where: { state: complete } }
          segment: buyers
          lifetime_sales: { gt: 100 }
"""


def plan_of(files: Files, text: str) -> Any:
    return compile_plan(files.check(text))


def by_name(plan: Any) -> dict[str, Any]:
    return {segment["name"]: segment for segment in plan["segments"]}


def test_segment_carries_its_settings(files: Files) -> None:
    plan = plan_of(
        files,
        """
        version: 1
        segments:
          wholesale:
            label: Wholesale
            description: They buy a lot.
            owner: b2b@shop.example
            tags: [b2b, b2b, big]
            websites: [base, outlet]
            customer_groups: Wholesale
            priority: 3
            time_zone: Europe/Berlin
            refresh: { schedule: "0  5 * * *" }
            guard: { max_change_percent: 12.5, min_members: 1 }
            match: { email: { ends_with: x } }
        """,
    )
    (segment,) = plan["segments"]
    match, definition = segment.pop("match"), segment.pop("definition")
    assert len(segment.pop("definition_hash")) == 64
    assert segment == {
        "name": "wholesale",
        "label": "Wholesale",
        "description": "They buy a lot.",
        "owner": "b2b@shop.example",
        "tags": ["b2b", "big"],
        "audience": ["customer"],
        "websites": ["base", "outlet"],
        "customer_groups": ["Wholesale"],
        "is_active": True,
        "priority": 3,
        "time_zone": "Europe/Berlin",
        "refresh": {"on_change": False, "schedule": "0 5 * * *", "manual": False},
        "guard": {"max_change_percent": 12.5, "min_members": 1, "max_members": None},
        "renamed_from": [],
        "references": [],
        "level": 0,
    }
    assert definition["guard"] == {"max_change_percent": 12.5, "min_members": 1}
    kind, website, group, email = match["all"]
    assert kind["value"] == {"profile": "profile_type", "type": "text"}
    assert website["value"] == {"profile": "website", "type": "text", "also": "website_name"}
    assert [item["literal"] for item in website["to"]] == ["base", "outlet"]
    assert group["value"] == {"profile": "customer_group", "type": "text"}
    assert email["test"] == "ends_with"


def test_equal_features_are_one(files: Files) -> None:
    plan = plan_of(files, TWO)
    features = plan["relations"]["orders"]["features"]
    assert [feature["aggregate"] for feature in features] == ["arrival", "count", "sum"]
    assert features == sorted(features, key=lambda feature: str(feature["name"]))


def test_segment_stands_a_level_above_those_it_names(files: Files) -> None:
    segments = by_name(plan_of(files, TWO))
    assert (segments["buyers"]["level"], segments["big_buyers"]["level"]) == (0, 1)
    assert segments["big_buyers"]["references"] == ["buyers"]
    assert {"segment": "buyers"} in segments["big_buyers"]["match"]["all"]


def chain(count: int) -> str:
    """That many segments, each referring to the next."""
    lines = [f"  s{n}: {{ match: {{ segment: s{n + 1} }} }}" for n in range(1, count)]
    return "version: 1\nsegments:\n" + "\n".join(lines) + f"\n  s{count}: {{ match: {{ email: a }} }}\n"


def test_chain_of_segments_has_its_levels(files: Files) -> None:
    plan = plan_of(files, chain(MOST_LEVELS))
    assert [segment["level"] for segment in plan["segments"]] == list(range(MOST_LEVELS - 1, -1, -1))


@pytest.mark.parametrize("count", [MOST_LEVELS + 1, 5000])
def test_chain_that_is_too_long_is_refused(files: Files, count: int) -> None:
    with pytest.raises(DefinitionsError) as caught:
        plan_of(files, chain(count))
    assert "segments.yml in s1: it refers to a segment" in str(caught.value)
    assert f"{count:,} in all; there can be {MOST_LEVELS}" in str(caught.value)


def test_parent_of_which_too_much_is_asked_is_refused(files: Files) -> None:
    tests = [
        f"  s{n}: {{ match: {{ order_items: {{ where: {{ product.price: {n} }} }} }} }}"
        for n in range(MOST_COLUMNS + 1)
    ]
    with pytest.raises(DefinitionsError) as caught:
        plan_of(files, "version: 1\nsegments:\n" + "\n".join(tests) + "\n")
    assert "1,501 different tests and columns of `order_items.product`" in str(caught.value)
    assert "1,501 different figures about related rows (order_items 1,501)" in str(caught.value)


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("label: Buyers", "label: People who buy", []),
        ("label: Buyers", "description: They buy.\n        tags: [x]\n        priority: 5", []),
        ("label: Buyers", "label: Buyers\n        guard: { min_members: 1 }", []),
        ("websites: [base]", "websites: [outlet]", ["big_buyers"]),
        ("{ gt: 100 }", "{ gt: 100.0 }", []),
        ("{ gt: 100 }", "{ gt: 101 }", ["big_buyers"]),
        # What a segment means includes those it names.
        ("label: Buyers", "audience: everyone", ["buyers", "big_buyers"]),
    ],
)
def test_hash_follows_the_meaning(files: Files, before: str, after: str, changed: list[str]) -> None:
    first, second = by_name(plan_of(files, TWO)), by_name(plan_of(files, TWO.replace(before, after)))
    differing = [name for name in first if first[name]["definition_hash"] != second[name]["definition_hash"]]
    assert differing == changed


def test_hash_follows_the_attributes(files: Files) -> None:
    first = by_name(plan_of(files, TWO))
    attributes = (files.folder / "attributes.yml").read_text(encoding="utf-8")
    files.write("attributes.yml", attributes.replace("sum: grand_total", "sum: subtotal"))
    second = by_name(plan_of(files, TWO))
    assert first["buyers"]["definition_hash"] == second["buyers"]["definition_hash"]
    assert first["big_buyers"]["definition_hash"] != second["big_buyers"]["definition_hash"]


def test_inactive_segment_needs_nothing_and_keeps_its_hash(files: Files) -> None:
    text = "version: 1\nsegments:\n  one:\n    active: {}\n    match: {{ orders: {{}} }}\n"
    on, off = plan_of(files, text.format("true")), plan_of(files, text.format("false"))
    assert off["relations"] == {}
    assert off["segments"][0]["match"] is None
    assert off["segments"][0]["is_active"] is False
    assert off["segments"][0]["definition_hash"] == on["segments"][0]["definition_hash"]


def test_time_zone_of_a_segment_is_that_of_its_days(files: Files) -> None:
    plan = plan_of(
        files,
        """
        version: 1
        segments:
          one: { match: { last_order_at: { within: 7 days } } }
          two: { time_zone: Europe/Berlin, match: { last_order_at: { within: 7 days } } }
          three:
            time_zone: Europe/Berlin
            match:
              days_since_last_order: 5
              orders: { where: { ordered_at.hour: 5, paid_at: { within: 1 month } } }
        """,
    )
    segments = by_name(plan)
    assert segments["one"]["match"] == segments["two"]["match"]
    orders = plan["relations"]["orders"]
    assert orders["needs_time_zone"] is False
    zones = [
        rule["value"]["time_zone"]
        for rule in segments["three"]["match"]["all"]
        if "days_since" in rule["value"]
    ]
    assert zones == ["Europe/Berlin"]


def test_names_of_features_fit_the_database(files: Files) -> None:
    features = Features(files.check_match("email: a").vocabulary)
    value: dict[str, object] = {"column": "c" * 80, "type": "number"}
    name = features.feature("orders", "sum", value, None, "number")["feature"]
    assert isinstance(name, str)
    assert len(name) == 63
    assert features.feature("orders", "sum", {**value, "type": "money"}, None, "money")["feature"] != name


# ---- previews ----------------------------------------------------------------------------------------------


def test_preview_of_a_segment_brings_what_it_names(files: Files) -> None:
    project = files.check(TWO + "  other: { match: { notes: {} } }\n".replace("  other", "      other"))
    plan: Any = compile_preview(project, segment="big_buyers")
    assert [segment["name"] for segment in plan["segments"]] == ["buyers", "big_buyers"]
    assert list(plan["relations"]) == ["orders"]


def test_preview_of_a_segment_is_its_plan(files: Files) -> None:
    project = files.check(TWO)
    plan: Any = compile_plan(project)
    # A preview waits for nothing: it has no clocks.
    del plan["relations"]["orders"]["features"][0], plan["clocks"]
    preview: Any = compile_preview(project, segment="big_buyers")
    assert preview.pop("clocks") == []
    assert preview == plan


def test_preview_of_an_inactive_segment_is_active(files: Files) -> None:
    project = files.check("version: 1\nsegments: { draft: { active: false, match: { orders: {} } } }\n")
    plan: Any = compile_preview(project, segment="draft")
    assert plan["segments"][0]["is_active"] is True
    assert plan["segments"][0]["match"]


def test_preview_of_a_rule_has_the_defaults_of_the_file(files: Files) -> None:
    project = files.check(
        "version: 1\ndefaults: { audience: guests }\nsegments: { preview: { match: { email: a } } }\n"
    )
    plan: Any = compile_preview(project, rule_text="{ segment: preview, email: b }")
    names = [segment["name"] for segment in plan["segments"]]
    assert names == ["preview", "preview_0"]
    assert plan["segments"][-1]["audience"] == ["guest"]


def test_preview_of_a_whole_segment(files: Files) -> None:
    project = files.check(TWO)
    plan: Any = compile_preview(project, rule_text="audience: visitors\nmatch:\n  email: b\n")
    assert plan["segments"][-1]["audience"] == ["visitor"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty-file"),
        ("email: 5", "value-type"),
        ("segment: nope", "unknown-segment"),
        ("match: {}", "empty-rule"),
    ],
)
def test_preview_of_a_mistake_names_where_it_came_from(files: Files, text: str, code: str) -> None:
    with pytest.raises(DefinitionsError) as raised:
        compile_preview(files.check(TWO), rule_text=text, path="rule.yml")
    assert [(problem.path, problem.code) for problem in raised.value.problems] == [("rule.yml", code)]


def test_preview_of_an_unknown_segment_names_the_nearest(files: Files) -> None:
    with pytest.raises(SegmentsError, match="big_buyers"):
        compile_preview(files.check(TWO), segment="big_byers")


@pytest.mark.parametrize(
    "text",
    [
        "{ orders: {} }",
        "{ label: Buyers, match: { orders: {} } }",
        "buyers: { label: Buyers, match: { orders: {} } }",
        "segments: { buyers: { match: { orders: {} } } }",
    ],
)
def test_previewed_segment_may_bring_its_name(files: Files, text: str) -> None:
    project = files.check_match("{ email: a }")
    expected = compile_preview(project, rule_text="{ orders: {} }")["segments"][-1]
    assert compile_preview(project, rule_text=text)["segments"][-1]["match"] == expected["match"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (" \n", "there is no rule"),
        ("a: { match: { email: a } }\nb: { match: { email: b } }", "2 segments, one is wanted"),
    ],
)
def test_what_is_no_single_rule_is_told(files: Files, text: str, found: str) -> None:
    project = files.check_match("{ email: a }")
    with pytest.raises(DefinitionsError) as raised:
        compile_preview(project, rule_text=text)
    (problem,) = raised.value.problems
    assert problem.found == found
    assert problem.hint
