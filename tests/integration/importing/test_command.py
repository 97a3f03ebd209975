"""`segments import-maho` as it is typed."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.integration.cli.conftest import Shell
from tests.integration.importing.conftest import ImportedShop
from tests.integration.importing.module_sql import members_query
from tests.integration.importing.shop import AS_OF
from tests.integration.importing.trees import combination, leaf

ORDERED = combination(leaf("order_attributes", "grand_total", ">", "50"))
FAILS = combination(leaf("customer_clv", "lifetime_sales", "()", "5"))


def test_tree_can_be_previewed(imported_shop: ImportedShop) -> None:
    shell = imported_shop.shell
    made = shell.run("import-maho", "--tree", "-", stdin=json.dumps(ORDERED))
    assert made.exit_code == 0, made.stderr

    at = f"{AS_OF:%Y-%m-%dT%H:%M:%S}Z"
    found = shell.run("preview", "-", "--as-of", at, "--json", stdin=made.stdout)

    assert found.exit_code == 0, found.stderr
    assert json.loads(found.stdout)["members"] == len(shell.database.rows(members_query(ORDERED)))


def test_tree_that_fails_in_the_module_says_why(imported_shop: ImportedShop, tmp_path: Path) -> None:
    file = tmp_path / "tree.json"
    file.write_text(json.dumps(FAILS), encoding="utf-8")

    made = imported_shop.shell.run("import-maho", "--tree", str(file))

    assert made.exit_code == 1
    assert not made.stdout
    assert "condition 1, customer_clv lifetime_sales: The operator '()' fails in the module" in made.stderr


def test_files_are_written_and_never_overwritten(imported_shop: ImportedShop, tmp_path: Path) -> None:
    shell = imported_shop.shell
    segments, attributes = tmp_path / "maho.yml", tmp_path / "attributes.yml"
    with shell.database.connect() as connection:
        connection.execute("delete from maho.customer_segment")
        for number, tree in enumerate((ORDERED, FAILS), start=1):
            connection.execute(
                "insert into maho.customer_segment (segment_id, name, conditions_serialized, website_ids,"
                " customer_group_ids) values (%s, %s, %s, %s, %s)",
                [number, f"New {number}", json.dumps(tree), "1", "2,3"],
            )

    made = shell.run("import-maho", "--output", str(segments), "--attributes", str(attributes))

    assert made.exit_code == 3, "not all are imported"
    assert not made.stdout
    assert "Imported 1 of 2 segments" in made.stderr
    text = segments.read_text(encoding="utf-8")
    assert "  new_1:\n    label: New 1\n    audience: customers\n    websites: [base]\n" in text
    assert "customer_groups: [Wholesale, VIP]" in text
    assert "# 2, New 2:" in text
    assert not attributes.exists()

    again = shell.run("import-maho", "--output", str(segments))
    assert again.exit_code == 64
    assert "--force" in again.stderr
    assert shell.run("import-maho", "--output", str(segments), "--force").exit_code == 3


def test_what_was_taken_over_is_not_imported_again(imported_shop: ImportedShop, tmp_path: Path) -> None:
    shell = imported_shop.shell
    shell.database.execute("delete from maho.customer_segment where segment_id <> 1")
    own = shell.project / "segments.yml"
    before = own.read_text(encoding="utf-8")
    first = shell.run("import-maho").stdout
    try:
        own.write_text(before + first.partition("\nsegments:\n")[2], encoding="utf-8")

        again = shell.run("import-maho")
        report = shell.ask("import-maho")
        shell.database.execute("update maho.customer_segment set customer_group_ids = '2'")
        changed = shell.ask("import-maho")
    finally:
        own.write_text(before, encoding="utf-8")

    assert again.exit_code == 0, again.stderr
    assert "segments:" not in again.stdout
    assert "# In segments.yml already:\n#\n# 1, New 1: new_1" in again.stdout
    assert "Imported 0 of 1 segments.\nIn segments.yml already: new_1." in again.stderr
    assert report["already_there"] == [{"segment_id": 1, "label": "New 1", "name": "new_1"}]
    assert [segment["name"] for segment in changed["imported"]] == ["new_1_2"]


def test_file_that_is_no_text_is_told(imported_shop: ImportedShop, tmp_path: Path) -> None:
    file = tmp_path / "tree.json"
    file.write_bytes(b"\xff\xfe{")
    made = imported_shop.shell.run("import-maho", "--tree", str(file))
    assert made.exit_code == 1
    assert "no text in UTF-8: byte 1" in made.stderr

    file.write_text(json.dumps(ORDERED), encoding="utf-8-sig")
    assert imported_shop.shell.run("import-maho", "--tree", str(file)).exit_code == 0


def test_shop_without_the_table_is_told(imported_shop: ImportedShop) -> None:
    shell = imported_shop.shell
    shell.database.execute("alter table maho.customer_segment rename to away")
    try:
        made = shell.run("import-maho")
    finally:
        shell.database.execute("alter table maho.away rename to customer_segment")

    assert made.exit_code == 1
    assert "has no table maho.customer_segment" in made.stderr


def test_shop_may_be_in_another_schema(new_shell: Callable[[], Shell]) -> None:
    """As dbt_project.yml names it; hardly anything else of the shop is needed for this tree."""
    shell = new_shell()
    project = shell.project / "dbt_project.yml"
    text = project.read_text(encoding="utf-8")
    project.write_text(text.replace("maho_schema: maho\n", "maho_schema: my_shop\n"), encoding="utf-8")
    # Older versions of the module have no columns of priority and refreshing.
    shell.database.execute(
        "create schema my_shop; create table my_shop.customer_segment (segment_id integer, is_active integer,"
        " name text, conditions_serialized text, website_ids text);"
        "create table my_shop.core_website (website_id integer, code text, name text);"
        "insert into my_shop.core_website values (1, 'base', 'Main');"
        "insert into my_shop.customer_segment (segment_id, name, website_ids, conditions_serialized)"
        f" values (1, 'Ordered', '1', '{json.dumps(ORDERED)}')"
    )

    (segment,) = shell.ask("import-maho")["imported"]

    assert segment["name"] == "ordered"
