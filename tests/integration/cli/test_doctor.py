"""What `segments doctor` finds where something is amiss."""

import json
from pathlib import Path

from maho_segments import language
from maho_segments.services.dbt import DbtProject
from maho_segments.services.doctor.gaps import Gap, find_gaps, segments_using
from tests.databases import Database
from tests.integration.cli.conftest import Shell, published_as_of
from tests.projects import copy_project

WITHOUT = """
    truncate maho.newsletter_subscriber, maho.wishlist_item;
    update maho.sales_flat_order set coupon_code = null;
    update maho.customer_entity_datetime set value = null;
"""


def test_gaps_are_what_the_shop_has_nothing_for_and_who_asks_for_it(shop: Shell) -> None:
    project = language.check_project(shop.project)
    plan = language.compile_plan(project)
    names = DbtProject(shop.project, shop.database.settings, shop.environ).relation_names()
    with shop.database.connect() as connection, connection.transaction(force_rollback=True):
        before = find_gaps(connection, project.vocabulary, names)
        connection.execute(WITHOUT)
        gaps = find_gaps(connection, project.vocabulary, names)

    users = {str(gap): segments_using(gap, plan, project.vocabulary) for gap in gaps if gap not in before}
    assert users.keys() >= {"newsletter", "wishlist_items", "orders.coupon_code"}
    assert "newsletter_without_order" in users["newsletter"]
    assert "wishlist_ageing" in users["wishlist_items"]
    assert "coupon_hunters" in users["orders.coupon_code"]
    assert "vip_platinum" not in {name for found in users.values() for name in found}


def test_segments_ask_for_what_the_segments_they_refer_to_ask_for(shop: Shell) -> None:
    project = language.check_project(shop.project)
    plan = language.compile_plan(project)

    assert {"vip_platinum", "vip_at_risk"} <= set(
        segments_using(Gap("refunds", None), plan, project.vocabulary)
    )


def test_warehouse_that_does_not_answer_is_a_finding(shop: Shell) -> None:
    unreachable = Shell(shop.project, shop.database)
    unreachable.environ.update(DBT_HOST="127.0.0.1", DBT_PORT="1", DBT_USER="nobody", DBT_DBNAME="none")

    result = unreachable.run("doctor", "--json")

    findings = {finding["subject"]: finding for finding in json.loads(result.stdout)}
    assert result.exit_code == 1
    assert findings["warehouse"]["state"] == "bad"
    assert "connection refused" in findings["warehouse"]["found"]
    assert findings["definitions"]["state"] == "good"


def test_invalid_definitions_are_a_finding(shop: Shell) -> None:
    file = shop.project / "segments.yml"
    text = file.read_text()
    file.write_text(text + "\n  broken:\n    match: { lifetime_sals: 1 }\n")
    try:
        result = shop.run("doctor")
    finally:
        file.write_text(text)

    assert result.exit_code == 1
    assert "1 problem in segments.yml" in result.stdout
    assert "segments validate" in result.stdout


def test_server_over_tcp_serves_as_well(tcp_database: Database, tmp_path: Path) -> None:
    shell = Shell(copy_project(tmp_path / "project"), tcp_database)

    report = shell.ask("demo", "--customers", "20")
    assert len(report["segments"]) == len(shell.ask("list"))
    findings = {finding["subject"]: finding for finding in shell.ask("doctor")}
    assert "127.0.0.1" in findings["warehouse"]["found"]
    assert findings["letters"]["found"] == "the database's locale is C: É and é are two letters in rules"
    assert tcp_database.settings.password not in json.dumps(findings)


def test_names_that_the_shop_does_not_have_are_told_where_a_rule_is_tried(shop: Shell) -> None:
    result = shop.run("preview", "-", "--as-of", published_as_of(shop), stdin="website: bse")

    assert result.exit_code == 0, result.stderr
    assert "0 members" in result.stdout
    assert "No website of the shop is called `bse` (preview). Did you mean `base`?" in result.stderr
