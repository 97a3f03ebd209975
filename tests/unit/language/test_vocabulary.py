"""The vocabulary as the models' properties say it, and mistakes in these."""

from pathlib import Path

import pytest

from maho_segments.errors import DefinitionsError
from maho_segments.language import read_vocabulary
from maho_segments.language.rules import Duration
from maho_segments.language.vocabulary import Column
from tests.unit.language.small_project import VOCABULARY, Files

ROOT = Path(__file__).resolve().parents[3]


def test_columns_have_types_labels_and_options(files: Files) -> None:
    vocabulary = read_vocabulary(files.folder)
    orders = vocabulary.relations["orders"]
    assert orders.time_column == "ordered_at"
    assert orders.columns["grand_total"].type == "money"
    assert orders.columns["rule_ids"].type == "list"
    assert orders.columns["state"] == Column("state", "text", "", None, ("new", "complete", "canceled"))
    assert orders.columns["store"].also == "store_name"
    assert "order_id" not in orders.columns
    assert vocabulary.profile.key == "profile_id"
    assert vocabulary.profile.columns["profile_type"].is_required


def test_parents_are_tables_joined_on_their_key(files: Files) -> None:
    vocabulary = read_vocabulary(files.folder)
    product = vocabulary.relations["order_items"].parents["product"]
    assert (product.table.model, product.table.key, product.column) == (
        "products",
        "product_id",
        "product_id",
    )
    assert list(vocabulary.parents) == ["orders", "products"]


def test_other_models_and_files_are_left_alone(files: Files) -> None:
    files.write("models/staging/_models.yml", "models: [{name: x, columns: [{name: BAD}]}]")
    files.write("models/marts/broken.yml", "models: [")
    assert "x" not in read_vocabulary(files.folder).relations


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("relation: {key: order_id,", "relation: {", "has no key"),
        ("relation: {key: order_id,", "relation: {key: id,", "the key `id` does not exist"),
        ("time_column: ordered_at}", "time_column: ordred_at}", "`ordred_at` does not exist"),
        (
            "{model: products, column: product_id}",
            "{model: product, column: product_id}",
            "`product` does not exist",
        ),
        ("{model: products, column: product_id}", "{model: products}", "lacks its model or column"),
        ("            product: {", "            sku: {", "can't be named `sku`"),
        ("data_type: integer}", "data_type: json}", "the data type `json`"),
        ("data_type: integer}", "data_type: timestamp}", "the data type `timestamp`"),
        (", data_type: integer}", "}", "`qty` has the data type none"),
        ("{type: money}", "{type: mony}", "`mony` does not exist"),
        ("{name: qty,", "{name: Qty,", "named `Qty`"),
        ("{name: qty,", "{name: any,", "named `any`"),
        ("{also: gender_id}", "{also: gender_label}", "`gender_label`"),
        ("- name: notes", "- name: email", "named like a column of the profiles"),
        ("- {name: customer_group, data_type: text, description: Group.}", "", "no column `customer_group`"),
        ("key: note_id", "key: note_id, keeps: 30 days", "no time column"),
        ("key: order_id,", "key: order_id, keeps: 30d,", "`30d`"),
        ("key: order_id,", "key: order_id, audience: shops,", "no audience: `shops`"),
        ("profile: {key: profile_id}", "profiles: {key: profile_id}", "no model is marked as the profiles"),
    ],
)
def test_mistake_is_explained(files: Files, before: str, after: str, found: str) -> None:
    assert before in VOCABULARY
    files.write("models/_models.yml", VOCABULARY.replace(before, after))
    with pytest.raises(DefinitionsError) as raised:
        read_vocabulary(files.folder)
    problem = raised.value.problems[0]
    assert found in problem.found
    assert problem.path.startswith("models")
    assert problem.hint


def test_what_is_known_about_rows_and_values_is_read(files: Files) -> None:
    limits = "time_column: ordered_at, keeps: 30 days, keeps_newest: true, audience: [guests, customers]"
    text = VOCABULARY.replace("order_id, time_column: ordered_at", f"order_id, {limits}")
    known = "config: {meta: {known_values: [A, B], audience: customers}}"
    text = text.replace("text, description: Address.", f"text, description: Address., {known}")
    files.write("models/_models.yml", text)
    vocabulary = read_vocabulary(files.folder)
    orders, notes = vocabulary.relations["orders"], vocabulary.relations["notes"]
    assert (orders.keeps, orders.keeps_newest) == (Duration(30, "days"), True)
    assert orders.audience == ("customer", "guest")
    assert (notes.keeps, notes.keeps_newest) == (None, False)
    assert notes.audience == ("customer", "guest", "visitor")
    email = vocabulary.profile.columns["email"]
    assert (email.known_values, email.audience) == (("A", "B"), ("customer",))


def test_vocabulary_of_this_project_is_complete() -> None:
    vocabulary = read_vocabulary(ROOT)
    assert len(vocabulary.relations) >= 10
    for table in [vocabulary.profile, *(relation.table for relation in vocabulary.relations.values())]:
        assert table.description
        for column in table.columns.values():
            assert column.description, f"{table.model}.{column.name}"
