"""Models that add columns to the profiles, a relation or a parent; and their mistakes."""

from typing import Any

import pytest

from maho_segments.errors import DefinitionsError
from maho_segments.language import compile_plan, read_vocabulary
from tests.unit.language.small_project import Files

EXTENSIONS = """
models:
  - name: loyalty_accounts
    config: {meta: {extends: {model: profiles, key: member_id, column: profile_id}}}
    columns:
      - {name: member_id, data_type: bigint, config: {meta: {hidden: true}}, data_tests: [unique, not_null]}
      - {name: points, data_type: bigint, description: Points.}
      - {name: level, data_type: text, description: Level., config: {meta: {also: level_name}}}
      - {name: level_name, data_type: text, config: {meta: {hidden: true}}}
      - {name: joined_at, data_type: timestamptz, description: Since when., data_tests: [not_null]}
      - {name: email, data_type: text, config: {meta: {hidden: true}}}
  - name: product_texts
    config: {meta: {extends: {model: products, key: product_id, column: product_id}}}
    columns:
      - {name: product_id, data_type: bigint, config: {meta: {hidden: true}}, data_tests: [unique, not_null]}
      - name: material
        data_type: text
        config: {meta: {known_values: [Wool, "{{'{'}}{{'{'}} x {{'}'}}{{'}'}}"]}}
      - {name: size, data_type: numeric}
  - name: order_notes
    config: {meta: {extends: {model: orders, key: order_id, column: order_id}}}
    columns:
      - {name: order_id, data_type: bigint, config: {meta: {hidden: true}}, data_tests: [unique, not_null]}
      - {name: mood, data_type: text, config: {meta: {options: [good, bad]}}}
"""


@pytest.fixture
def extended(files: Files) -> Files:
    files.write("models/_extensions.yml", EXTENSIONS)
    return files


def plan_of(files: Files, match: str) -> Any:
    return compile_plan(files.check_match(match))


def test_columns_become_words_of_the_extended_table(extended: Files) -> None:
    vocabulary = read_vocabulary(extended.folder)
    profile = vocabulary.profile
    assert {"points", "level", "joined_at"} <= profile.columns.keys()
    assert "member_id" not in profile.columns
    assert profile.columns["level"].added_by == "loyalty_accounts"
    assert profile.columns["email"].added_by is None
    # A profile without a row there has none of the columns, whatever is tested of that row.
    assert not profile.columns["joined_at"].is_required
    assert vocabulary.relations["orders"].columns["mood"].options == ("good", "bad")
    assert vocabulary.parents["products"].columns["material"].known_values == ("Wool", "{{ x }}")


def test_plan_names_the_models_and_columns_that_are_used(extended: Files) -> None:
    plan = plan_of(
        extended,
        """
        level: gold
        joined_at.weekday: monday
        order_items: { where: { product.material: Wool, order.mood: good }, max: { product.size: { gt: 3 } } }
        orders: { where: { mood: { ne: bad } }, latest: { mood: good } }
        """,
    )
    accounts = {"model": "loyalty_accounts", "key": "member_id", "column": "profile_id"}
    assert plan["profile"]["extensions"] == [{**accounts, "columns": ["joined_at", "level", "level_name"]}]
    notes = [{"model": "order_notes", "key": "order_id", "column": "order_id", "columns": ["mood"]}]
    assert plan["relations"]["orders"]["extensions"] == notes
    parents = plan["relations"]["order_items"]["parents"]
    assert parents["order"]["extensions"] == notes
    (texts,) = parents["product"]["extensions"]
    assert texts["columns"] == ["material", "size"]
    assert plan["relations"]["order_items"]["extensions"] == []


def test_what_is_not_used_is_not_joined(extended: Files) -> None:
    plan = plan_of(extended, "{ email: x, orders: { where: { state: new } } }")
    assert plan["profile"] == {"model": "profiles", "extensions": []}
    assert plan["relations"]["orders"]["extensions"] == []


def test_named_attributes_use_them_too(extended: Files) -> None:
    extended.write(
        "attributes.yml",
        "attributes: { balance: { type: number, description: x, difference: [points, 100] } }",
    )
    plan = plan_of(extended, "balance: { gt: { attribute: points } }")
    assert plan["profile"]["extensions"][0]["columns"] == ["points"]


@pytest.mark.parametrize(
    ("before", "after", "found", "line"),
    [
        ("{name: points,", "{name: birth_date,", "`birth_date` is in profiles too (models/_models.yml)", 6),
        ("{name: points,", "{name: website_name,", "`website_name` is in profiles too", 6),
        ("{also: level_name}", "{also: email}", "`email` is in profiles too", 10),
        ("{name: size,", "{name: price,", "`price` is in products too", 18),
        ("model: profiles,", "model: profile,", "the model to extend `profile` does not exist", 3),
        ("model: profiles,", "model: order_notes,", "`order_notes` does not exist", 3),
        ("column: profile_id", "column: customer_id", "holds `member_id`, `customer_id` does not exist", 3),
        ("key: member_id", "key: id", "the key `id` does not exist", 3),
        (
            "member_id, data_type: bigint, config: {meta: {hidden: true}}, data_tests: [unique, not_null]",
            "member_id, data_type: bigint, config: {meta: {hidden: true}}, data_tests: [not_null]",
            "`member_id`, the key of `loyalty_accounts`, is unique",
            5,
        ),
    ],
)
def test_mistake_is_explained(files: Files, before: str, after: str, found: str, line: int) -> None:
    assert before in EXTENSIONS
    files.write("models/_extensions.yml", EXTENSIONS.replace(before, after))
    with pytest.raises(DefinitionsError) as raised:
        read_vocabulary(files.folder)
    problem = raised.value.problems[0]
    assert found in problem.found
    assert (problem.path, problem.line) == ("models/_extensions.yml", line)
    assert problem.hint


@pytest.mark.parametrize(
    ("of_column", "of_model", "is_enough"),
    [
        ("data_tests: [unique]", "", True),
        ("data_tests: [{unique: {name: one_note_per_order}}]", "", True),
        ("constraints: [{type: primary_key}]", "", True),
        ("constraints: [{type: unique}]", "", True),
        ("description: Key.", "constraints: [{type: primary_key, columns: [order_id]}]", True),
        ("constraints: [{type: not_null}]", "", False),
        ("description: Key.", "constraints: [{type: primary_key, columns: [order_id, mood]}]", False),
        ("description: Key.", "constraints: [{type: check, columns: [order_id]}]", False),
    ],
)
def test_key_has_to_be_said_to_be_unique(
    files: Files, of_column: str, of_model: str, is_enough: bool
) -> None:
    files.write(
        "models/_notes.yml",
        f"""
        models:
          - name: order_notes
            config: {{meta: {{extends: {{model: orders, key: order_id, column: order_id}}}}}}
            {of_model}
            columns:
              - {{name: order_id, data_type: bigint, config: {{meta: {{hidden: true}}}}, {of_column}}}
              - {{name: mood, data_type: text}}
        """,
    )
    if is_enough:
        assert "mood" in read_vocabulary(files.folder).relations["orders"].columns
        return
    with pytest.raises(DefinitionsError) as raised:
        read_vocabulary(files.folder)
    (problem,) = raised.value.problems
    assert "`order_notes`" in problem.found
    assert "data_tests: [unique, not_null]" in (problem.hint or "")


def test_two_models_can_not_add_the_same_column(extended: Files) -> None:
    extended.write(
        "models/_more.yml",
        """
        models:
          - name: scores
            config: {meta: {extends: {model: profiles, key: profile_id, column: profile_id}}}
            columns:
              - {name: profile_id, data_type: bigint, config: {meta: {hidden: true}}, tests: [unique]}
              - {name: points, data_type: bigint}
        """,
    )
    with pytest.raises(DefinitionsError) as raised:
        read_vocabulary(extended.folder)
    (problem,) = raised.value.problems
    assert "`points` is in loyalty_accounts too (models/_extensions.yml)" in problem.found
    assert problem.path == "models/_more.yml"
