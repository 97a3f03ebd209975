"""The merchant's own attributes, from the shop's tables to members; and what a later look at them says."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from maho_segments.language import read_vocabulary
from maho_segments.services.dbt import DbtProject
from maho_segments.services.shop_attributes import ATTRIBUTES_PROPERTIES
from tests.integration.cli.attribute_shop import HOSTILE_LABELS, MEMBERS, OPTIONS, write_shop
from tests.integration.cli.conftest import Shell

NOTHING = "version: 1\nsegments:\n  everybody: { match: { email: { is_set: true } } }\n"


def as_yaml(definitions: dict[str, Any]) -> str:
    """A segments.yml, which is JSON below its version."""
    return f"version: 1\nsegments: {json.dumps(definitions)}\n"


@pytest.fixture(scope="module")
def merchant(new_shell: Callable[[], Shell], tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """The shop, loaded; its attributes brought in; a segment of each rule, built."""
    shell = new_shell()
    folder = tmp_path_factory.mktemp("attributes")
    write_shop(folder)
    (shell.project / ATTRIBUTES_PROPERTIES).unlink(missing_ok=True)
    (shell.project / "segment_tests.yml").unlink(missing_ok=True)
    (shell.project / "segments.yml").write_text(NOTHING)
    assert shell.run("load", str(folder)).exit_code == 0
    shell.ask("attributes", "sync", "--include", "catalog_product.weight")
    rules = {f"rule_{number}": {"match": rule} for number, (rule, _) in enumerate(MEMBERS)}
    (shell.project / "segments.yml").write_text(as_yaml(rules), encoding="utf-8")
    shell.ask("build", "--as-of", "2026-02-10T00:00:00Z")
    return shell


def columns(shell: Shell) -> dict[str, dict[str, Any]]:
    """The columns in the file, by name."""
    file = yaml.safe_load((shell.project / ATTRIBUTES_PROPERTIES).read_text(encoding="utf-8"))
    return {column["name"]: column for model in file["models"] for column in model["columns"]}


def states(report: dict[str, Any]) -> dict[str, str]:
    """What became of each column that is not as before."""
    return {
        f"{change['table']}.{change['column']}": change["state"]
        for change in report["attributes"]
        if change["state"] != "kept"
    }


def test_members_are_those_with_the_attribute(merchant: Shell) -> None:
    found: dict[str, set[int]] = {f"rule_{number}": set() for number in range(len(MEMBERS))}
    for name, customer in merchant.database.rows(
        "select segment_name, customer_id from segments.segment_members"
    ):
        found[name].add(customer)
    wrong = {
        json.dumps(rule): found[f"rule_{number}"]
        for number, (rule, expected) in enumerate(MEMBERS)
        if found[f"rule_{number}"] != expected
    }
    assert wrong == {}


def test_vocabulary_has_types_and_known_values(merchant: Shell) -> None:
    vocabulary = read_vocabulary(merchant.project)
    profile, product = vocabulary.profile.columns, vocabulary.parents["products"].columns
    assert profile["tier"].known_values == tuple(OPTIONS["customer.tier"].values())
    assert profile["hobbies"].known_values == ("Tea, black", HOSTILE_LABELS[2])
    assert profile["tier"].audience == ("customer",)
    types = ("nickname", "tier", "hobbies", "wants_mail", "credit", "children", "wedding", "last_call")
    assert [profile[name].type for name in types] == [
        "text", "text", "list", "boolean", "money", "number", "date", "time",
    ]  # fmt: skip
    assert profile["attribute_2nd_mail"].description == "{{ env_var('HOME') }}."
    assert product["weight"].type == "number"
    assert product["category_season"].type == "list"
    assert {"origin_in_de", "deposit_in_de", "finish_in_de"} <= product.keys()
    assert "brand_in_de" not in product
    assert "name_attribute" not in product


def test_labels_are_text_for_dbt_as_well(merchant: Shell) -> None:
    """dbt renders the strings of properties as templates: these come out as they are in the shop."""
    manifest = DbtProject(merchant.project, merchant.database.settings, merchant.environ).parse()
    node = manifest.nodes["model.maho_segments.stg_maho__customer_attributes"]
    assert node.columns["tier"].config.meta["known_values"] == list(OPTIONS["customer.tier"].values())
    assert node.columns["attribute_2nd_mail"].description == "{{ env_var('HOME') }}."


def test_secrets_files_and_columns_of_other_tables_are_left_out_with_the_reason(merchant: Shell) -> None:
    reasons = {left["attribute"]: left["reason"] for left in merchant.ask("attributes", "sync")["left_out"]}
    assert reasons.keys() == {"customer.avatar", "customer.api_token", "customer.points"}
    assert "secret" in reasons["customer.api_token"]


def test_second_look_finds_nothing_to_do(merchant: Shell) -> None:
    before = (merchant.project / ATTRIBUTES_PROPERTIES).read_bytes()
    assert merchant.run("attributes", "sync", "--check").exit_code == 0
    report = merchant.ask("attributes", "sync")
    assert (report["differs"], states(report)) == (False, {})
    assert (merchant.project / ATTRIBUTES_PROPERTIES).read_bytes() == before


def test_shop_without_the_attributes_has_them_missing(merchant: Shell) -> None:
    """The file of one shop over another: the columns are there, and empty."""
    with merchant.database.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute("truncate maho.eav_attribute")
        query = (
            "select count(*), count(tier), count(hobbies) from segments_staging.stg_maho__customer_attributes"
        )
        assert connection.execute(query).fetchone() == (4, 0, 0)


CHANGES = """
    update maho.eav_attribute_option_value set value = 'Gold star' where option_id = 501 and store_id = 0;
    update maho.eav_attribute set frontend_label = 'Offspring' where attribute_code = 'children';
    update maho.eav_attribute set backend_type = 'varchar' where attribute_code = 'volume';
    delete from maho.eav_attribute where attribute_code in ('nickname', 'moved_in', 'tax');
    delete from maho.catalog_product_entity_decimal where store_id = 2;
    insert into maho.eav_attribute (
        attribute_id, entity_type_id, attribute_code, backend_type, frontend_input, frontend_label,
        is_user_defined
    )
    values (900, 1, 'vip_since', 'datetime', 'date', 'VIP since', 1);
"""


def test_later_look_says_what_changed_and_whom_it_touches(merchant: Shell) -> None:
    file = merchant.project / ATTRIBUTES_PROPERTIES
    segments = merchant.project / "segments.yml"
    attributes = merchant.project / "attributes.yml"
    text = file.read_text(encoding="utf-8")
    text = text.replace('description: "Children."', 'description: "How many \\"children\\"."')
    text = text.replace(
        "            attribute: {entity: customer, code: about,",
        "            hidden: true\n            attribute: {entity: customer, code: about,",
    )
    file.write_text(text, encoding="utf-8")
    rules = {
        "aces": {"match": {"nickname": "Ace"}},
        "gold": {"match": {"tier": "Gold"}},
        "families": {"match": {"any_children": {"gte": 1}}},
    }
    segments.write_text(as_yaml(rules))
    attributes.write_text(
        attributes.read_text()
        + "\n  any_children: { type: number, description: x, first_set: [children, 0] }\n"
    )
    merchant.database.execute(CHANGES)
    before = file.read_bytes()

    assert merchant.run("attributes", "sync", "--check").exit_code == 1
    assert file.read_bytes() == before
    told = merchant.run("attributes", "sync", "--check").stdout
    report = merchant.ask("attributes", "sync")

    assert states(report) == {
        "profiles.vip_since": "new",
        "profiles.tier": "changed",
        "profiles.children": "changed",
        "products.volume": "changed",
        # Gone as well, but a segment speaks of it.
        "profiles.nickname": "missing",
        "addresses.moved_in": "gone",
        "products.tax": "gone",
        "products.deposit_in_de": "gone",
    }
    by_column = {change["column"]: change for change in report["attributes"]}
    assert by_column["tier"]["what"] == ["options -'Gold', +'Gold star'"]
    assert by_column["volume"]["what"] == ["type number -> text"]
    line = segments.read_text().splitlines()[1]
    assert [use["name"] for use in by_column["tier"]["used_by"]] == ["gold"]
    assert by_column["tier"]["used_by"][0]["line"] == 2
    assert "gold" in line
    assert {use["name"] for use in by_column["children"]["used_by"]} == {"any_children", "families"}
    assert "used by gold (segments.yml:2)" in told
    assert report["problems"] == []

    # What people wrote stays; what is used and gone is there, without values.
    now = columns(merchant)
    assert now["children"]["description"] == 'How many "children".'
    assert now["about"]["config"]["meta"]["hidden"] is True
    assert now["nickname"]["config"]["meta"]["attribute"]["gone"] is True
    assert merchant.run("validate").exit_code == 0
    again = merchant.ask("attributes", "sync")
    assert again["differs"] is False
    assert states(again) == {"profiles.nickname": "missing"}
    assert merchant.run("attributes", "sync", "--check").exit_code == 0

    # Nobody speaks of it any more, and it goes.
    del rules["aces"]
    segments.write_text(as_yaml(rules))
    assert states(merchant.ask("attributes", "sync")) == {"profiles.nickname": "gone"}
    assert "nickname" not in columns(merchant)


def test_definitions_that_do_not_validate_let_nothing_go(merchant: Shell) -> None:
    segments = merchant.project / "segments.yml"
    segments.write_text(as_yaml({"x": {"match": {"vip_sinse": {"is_set": True}}}}))
    merchant.database.execute("delete from maho.eav_attribute where attribute_code = 'vip_since'")

    result = merchant.run("attributes", "sync", "--json")
    report = json.loads(result.stdout)

    assert result.exit_code == 2
    assert report["uses_are_known"] is False
    assert states(report) == {"profiles.vip_since": "missing"}
    assert "vip_since" in columns(merchant)
    assert "vip_sinse" in report["problems"][0]["found"]


def test_unknown_names_and_broken_files_are_explained(merchant: Shell) -> None:
    unknown = merchant.run("attributes", "sync", "--include", "catalog_product.wieght")
    assert unknown.exit_code == 1
    assert "catalog_product.weight" in unknown.stderr
    secret = merchant.run("attributes", "sync", "--include", "customer.api_token")
    assert "secret" in secret.stderr
    file: Path = merchant.project / ATTRIBUTES_PROPERTIES
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("reads: labels", "read: labels"), encoding="utf-8")
    broken = merchant.run("attributes", "sync")
    file.write_text(text, encoding="utf-8")
    assert broken.exit_code == 1
    assert str(ATTRIBUTES_PROPERTIES) in broken.stderr


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("models/relations/_more.yml", "models: [{name: more, meta: {relation: {}}}]", "has no key"),
        ("models/relations/_more.yml", "models: [{name: more, meta: {relation: {}}", "_more.yml"),
        ("attributes.yml", "attributes: {", "attributes.yml"),
    ],
)
def test_no_name_is_chosen_while_mistakes_hide_which_are_taken(
    merchant: Shell, name: str, text: str, found: str
) -> None:
    written = (merchant.project / ATTRIBUTES_PROPERTIES).read_bytes()
    path = merchant.project / name
    before = path.read_bytes() if path.is_file() else None
    path.write_text(text, encoding="utf-8")

    result = merchant.run("attributes", "sync", "--include", "catalog_product.weight")
    if before is None:
        path.unlink()
    else:
        path.write_bytes(before)

    assert result.exit_code == 2
    assert found in result.stderr
    assert (merchant.project / ATTRIBUTES_PROPERTIES).read_bytes() == written


def test_shipped_file_is_that_of_the_demo_shop(shop: Shell) -> None:
    """So the columns that people see in the docs and the editor are those of the shop they try it with."""
    result = shop.run("attributes", "sync", "--check")
    assert result.exit_code == 0, result.stdout
