"""The commands that look at a built shop: what they print is what the public tables hold."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Shell, published_as_of

SEGMENTS = ["vip_at_risk", "abandoned_cart_200", "birthday_week", "camera_owners_without_card", "win_back"]


def published_counts(shop: Shell) -> dict[str, int]:
    query = """
        select segment_name, count(profile_id)
        from segments.segments
        left join segments.segment_memberships using (segment_id)
        group by segment_name
    """
    return dict(shop.database.rows(query))


def test_list_has_every_segment_with_its_members(shop: Shell) -> None:
    listed = shop.ask("list")

    assert {segment["name"]: segment["members"] for segment in listed} == published_counts(shop)
    assert {segment["status"] for segment in listed} == {"published"}
    assert {segment["as_of"] for segment in listed} == {published_as_of(shop)}


def test_list_is_a_table_for_people(shop: Shell) -> None:
    result = shop.run("list")

    assert result.exit_code == 0
    assert "vip_platinum" in result.stdout
    assert "VIP Platinum" in result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize("name", SEGMENTS)
def test_preview_has_the_members_of_a_build_at_the_same_instant(shop: Shell, name: str) -> None:
    preview = shop.ask("preview", name, "--as-of", published_as_of(shop), "--limit", "1000000")
    built = shop.ask("members", name)

    assert preview["members"] == len(built)
    assert {row["profile_id"] for row in preview["sample"]} == {row["profile_id"] for row in built}


def test_preview_of_a_rule_on_standard_input(shop: Shell) -> None:
    rule = "all:\n  - orders: { count: { gte: 1 } }\n  - not: { orders: { count: { gte: 2 } } }\n"
    result = shop.run("preview", "-", "--as-of", published_as_of(shop), "--json", "--limit", "2", stdin=rule)

    preview = json.loads(result.stdout)
    query = """
        select count(*) from (
            select orders.profile_id
            from segments_relations.orders
            inner join segments.profiles on orders.profile_id = profiles.profile_id
            where profiles.profile_type = 'customer' and profiles.is_active and orders.ordered_at < %s
            group by orders.profile_id
            having count(*) = 1
        ) as once
    """
    assert preview["members"] == shop.database.rows(query, published_as_of(shop))[0][0] > 0
    assert len(preview["sample"]) == 2
    assert preview["audience"] > preview["members"]


def test_preview_of_a_file_with_a_whole_segment(shop: Shell, tmp_path: Path) -> None:
    file = tmp_path / "rule.yml"
    file.write_text("audience: guests\nmatch: { orders: {} }\n")

    preview = shop.ask("preview", "--file", str(file))

    assert preview["members"] > 0
    assert {row["profile_type"] for row in preview["sample"]} == {"guest"}


def test_attribute_of_two_time_zones_beside_one_named_like_its_double(shop: Shell) -> None:
    """An attribute that two segments mean in different time zones is two columns; neither is a third one."""
    attributes = shop.project / "attributes.yml"
    text = attributes.read_text()
    double = {"type": "days", "description": "Days since registration.", "days_since": "created_at"}
    attributes.write_text(f"{text}\n  days_since_last_order_2: {json.dumps(double)}\n")
    rule = """
time_zone: Pacific/Auckland
match: { segment: vip_at_risk, days_since_last_order: { gte: 1 }, days_since_last_order_2: { gte: 1 } }
"""
    try:
        result = shop.run("preview", "-", "--as-of", published_as_of(shop), "--json", stdin=rule)
    finally:
        attributes.write_text(text)

    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["members"] == published_counts(shop)["vip_at_risk"] > 0


def test_preview_writes_nothing(shop: Shell) -> None:
    tables = "select relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_user_tables order by relname"
    force = "select pg_stat_force_next_flush()"
    shop.database.rows(force)
    before = (
        shop.database.rows(tables),
        (shop.project / "macros/segments/_generated/segment_plan.sql").read_text(),
    )

    assert shop.run("preview", "vip_gold").exit_code == 0

    after = (
        shop.database.rows(tables),
        (shop.project / "macros/segments/_generated/segment_plan.sql").read_text(),
    )
    assert after == before


def test_preview_of_an_invalid_rule_names_its_place(shop: Shell) -> None:
    result = shop.run("preview", "-", stdin="all:\n  - lifetime_sals: { gt: 1 }\n")

    assert result.exit_code == 2
    assert "<stdin>:2:5" in result.stderr
    assert "Did you mean `lifetime_sales`?" in result.stderr


def test_preview_after_one_that_dbt_could_not_render(shop: Shell) -> None:
    """dbt keeps the node of a failed text in its manifest, where the next one clashed with it."""
    macro = shop.project / "macros/segments/segment_preview.sql"
    text = macro.read_text()
    macro.write_text(text.replace("{% macro segment_preview", "{% macro other_preview"))
    try:
        broken = shop.run("preview", "vip_gold")
    finally:
        macro.write_text(text)

    assert broken.exit_code == 1
    assert "segment_preview" in broken.stderr
    assert shop.run("preview", "vip_gold").exit_code == 0


def test_members_are_all_of_them_for_programs(shop: Shell) -> None:
    built = published_counts(shop)["vip_gold"]
    as_csv = list(csv.DictReader(StringIO(shop.run("members", "vip_gold", "--csv").stdout)))
    as_json = shop.ask("members", "vip_gold")

    assert len(as_csv) == len(as_json) == built > 0
    assert [int(row["profile_id"]) for row in as_csv] == [row["profile_id"] for row in as_json]
    assert as_csv[0].keys() == as_json[0].keys()
    assert as_csv[0]["entered_at"] == as_json[0]["entered_at"]


def test_members_are_some_of_them_for_people(shop: Shell) -> None:
    result = shop.run("members", "vip_gold", "--limit", "2")

    assert result.stdout.count("@") == 2
    assert "The latest 2" in result.stderr
    assert len(shop.ask("members", "vip_gold", "--limit", "3")) == 3


def test_members_of_no_segment_says_which_there_are(shop: Shell) -> None:
    result = shop.run("members", "vip_gol")

    assert result.exit_code == 1
    assert "No segment is named 'vip_gol'." in result.stderr
    assert "Did you mean vip_gold" in result.stderr


def test_reader_that_stops_early_is_no_error(shop: Shell) -> None:
    process = shop.start("members", "incomplete_profile", "--csv")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()

    assert "Traceback" not in process.stderr.read()
    process.stderr.close()
    process.wait(timeout=30)


def test_show_has_words_numbers_and_sql(shop: Shell) -> None:
    as_of = ("--as-of", published_as_of(shop))
    described = shop.ask("show", "vip_at_risk", *as_of)

    assert described["members"] == published_counts(shop)["vip_at_risk"]
    query = """
        select count(*) filter (where change = 'entered'), count(*) filter (where change = 'left')
        from segments.segment_membership_changes
        inner join segments.segments using (segment_id)
        where segment_name = 'vip_at_risk' and run_id = (select max(run_id) from segments.segment_runs)
    """
    assert [(described["entered"], described["left"])] == shop.database.rows(query)
    assert described["audience"] > described["members"]
    assert described["words"]
    assert shop.database.rows(described["sql"])
    result = shop.run("show", "vip_at_risk", *as_of)
    for part in (described["label"], described["words"].splitlines()[0], described["sql"]):
        assert part in result.stdout


def test_doctor_finds_nothing_bad(shop: Shell) -> None:
    findings = shop.ask("doctor")

    assert "bad" not in {finding["state"] for finding in findings}
    assert {"python", "packages", "definitions", "plan", "warehouse", "rights", "shop", "last build"} <= {
        finding["subject"] for finding in findings
    }
