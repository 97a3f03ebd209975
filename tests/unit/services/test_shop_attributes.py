"""Which column a shop's attribute becomes, what it is named, and the file that says so."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from maho_segments.errors import SegmentsError
from maho_segments.services.shop_attributes.changes import compare
from maho_segments.services.shop_attributes.columns import (
    LONGEST_NAME,
    AttributeColumn,
    Names,
    reason_to_leave_out,
    wanted_columns,
)
from maho_segments.services.shop_attributes.file import (
    ATTRIBUTES_PROPERTIES,
    TARGETS,
    read_columns,
    render,
    write_columns,
)
from maho_segments.shop.attributes import ENTITIES, ShopAttribute, default_attributes

BOOLEAN, OPTIONS = "eav/entity_attribute_source_boolean", "eav/entity_attribute_source_table"
HOSTILE = [
    "{{ 1 / 0 }}",
    "{% x",
    "a\nb",
    'say "x"',
    "null",
    "\x7f\u2028\x85",
    "😀 ü",
    "- [a",
    "#}",
    "{{'{'}}",
]


def attribute(code: str = "extra", backend: str = "varchar", **more: object) -> ShopAttribute:
    return ShopAttribute("customer", code, backend, **more)  # type: ignore[arg-type]


def column(one: ShopAttribute, *taken: str) -> AttributeColumn:
    return wanted_columns(one, Names({one.entity: set(taken)}), {})[0]


@pytest.mark.parametrize(
    ("backend", "more", "data_type", "reads"),
    [
        ("varchar", {"input": "text"}, "text", "text"),
        ("text", {"input": "textarea"}, "text", "text"),
        ("int", {"input": "text"}, "bigint", "number"),
        ("decimal", {"input": "weight"}, "numeric", "number"),
        ("int", {"input": "boolean"}, "boolean", "flag"),
        (
            "int",
            {"input": "select", "source_model": BOOLEAN},
            "boolean",
            "flag",
        ),
        ("int", {"input": "select"}, "text", "label"),
        (
            "varchar",
            {"input": "select", "source_model": OPTIONS},
            "text",
            "label",
        ),
        ("int", {"input": "select", "source_model": "tax/class_source_product"}, "text", "code"),
        ("text", {"input": "multiselect"}, "text[]", "labels"),
        ("varchar", {"input": "multiselect", "source_model": "some/source"}, "text[]", "codes"),
        ("datetime", {"input": "date"}, "date", "date"),
        ("datetime", {"input": "datetime"}, "timestamp with time zone", "time"),
    ],
)
def test_type_follows_how_the_shop_keeps_it(
    backend: str, more: dict[str, str], data_type: str, reads: str
) -> None:
    made = column(attribute(backend=backend, **more))
    assert (made.data_type, made.reads) == (data_type, reads)


@pytest.mark.parametrize(
    ("code", "taken", "name"),
    [
        ("shoe_size", (), "shoe_size"),
        ("ShoeSize-EU", (), "shoesize_eu"),
        ("2nd", (), "attribute_2nd"),
        ("größe", (), "gr_e"),
        ("___", (), "attribute"),
        ("segment", ("segment",), "segment_attribute"),
        ("email", ("email", "email_attribute"), "email_attribute_2"),
    ],
)
def test_name_is_a_free_word(code: str, taken: tuple[str, ...], name: str) -> None:
    assert column(attribute(code), *taken).name == name


def test_long_names_are_cut_and_stay_apart() -> None:
    names = Names({})
    first, second = names.choose("customer", "a" * 80), names.choose("customer", "a" * 80 + "b")
    assert first != second
    assert len(first) == len(second) == LONGEST_NAME
    assert len(names.choose("customer", "a" * 80)) <= LONGEST_NAME


def test_name_once_given_stays() -> None:
    old = column(attribute("email"), "email")
    (again,) = wanted_columns(attribute("email"), Names({"customer": {"email"}}), {old.key: old})
    assert again.name == old.name == "email_attribute"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"input": "media_image"}, "file"),
        ({"backend": "static"}, "table of its own"),
        ({"backend_table": "x/y"}, "table of its own"),
        ({"backend": "json"}, "`json`"),
        ({"code": "password_hint"}, "secret"),
    ],
)
def test_what_can_not_be_a_column_is_said(more: dict[str, str], reason: str) -> None:
    assert reason in (reason_to_leave_out(attribute(**more)) or "")  # type: ignore[arg-type]


def test_merchants_own_are_those_that_not_every_shop_has() -> None:
    assert set(default_attributes()) == set(ENTITIES) == set(TARGETS)
    assert attribute("fax").is_merchants_own
    assert not attribute("firstname").is_merchants_own
    assert attribute("firstname", is_user_defined=True).is_merchants_own


def test_file_brings_every_text_back(tmp_path: Path) -> None:
    columns = [
        column(attribute(f"a{number}{text}", "int", input="select", label=text, options=tuple(HOSTILE)))
        for number, text in enumerate(HOSTILE)
    ]
    write_columns(tmp_path, columns)
    back = {one.key: one for one in read_columns(tmp_path)}
    assert back == {one.key: one for one in columns}
    text = (tmp_path / ATTRIBUTES_PROPERTIES).read_text(encoding="utf-8")
    # Nothing in it is a template but braces that render to themselves.
    assert "{{" not in text.replace("{{'{'}}", "").replace("{{'}'}}", "")
    assert yaml.safe_load(text)["models"]
    assert render(reversed(columns)) == text


def test_words_of_yaml_are_names_like_others(tmp_path: Path) -> None:
    write_columns(tmp_path, [column(attribute(code)) for code in ("no", "yes", "null", "on")])
    file = yaml.safe_load((tmp_path / ATTRIBUTES_PROPERTIES).read_text(encoding="utf-8"))
    names = [entry["name"] for entry in file["models"][0]["columns"]]
    assert names == ["customer_id", "no", "null", "on", "yes"]


def test_file_in_another_form_is_told(tmp_path: Path) -> None:
    path = tmp_path / ATTRIBUTES_PROPERTIES
    path.parent.mkdir(parents=True)
    path.write_text("models: [{columns: [{name: x, config: {meta: {attribute: {code: x}}}}]}]")
    with pytest.raises(SegmentsError, match=ATTRIBUTES_PROPERTIES.name):
        read_columns(tmp_path)
    path.write_text("models: [")
    with pytest.raises(SegmentsError, match=ATTRIBUTES_PROPERTIES.name):
        read_columns(tmp_path)


def test_description_of_the_shop_follows_the_label_and_that_of_people_stays() -> None:
    old = column(attribute(label="Size"))
    (renamed,) = wanted_columns(attribute(label="Shoe size"), Names({}), {old.key: old})
    assert (old.description, renamed.description) == ("Size.", "Shoe size.")
    edited = replace(old, description="Of the left foot.")
    (kept,) = wanted_columns(attribute(label="Shoe size"), Names({}), {old.key: edited})
    assert kept.description == "Of the left foot."


def test_without_knowing_who_uses_it_nothing_goes() -> None:
    old = column(attribute())
    assert [change.state for change in compare([old], [], {})] == ["gone"]
    assert [change.state for change in compare([old], [], None)] == ["missing"]
