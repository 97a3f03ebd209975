"""segment_tests.yml: what it says of people, and its mistakes."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from textwrap import indent

import pytest
from jsonschema import Draft202012Validator

from maho_segments.errors import DefinitionsError
from maho_segments.language import check_project, read_vocabulary
from maho_segments.language.plain import plain_value
from maho_segments.language.problems import Reporter
from maho_segments.language.segment_tests import (
    Person,
    check_tests,
    number_people,
    sample_tables,
    schema_of_tests,
)
from maho_segments.language.yaml_reader import read_yaml
from tests.unit.language.small_project import VOCABULARY, Files

PROJECT = Path(__file__).parents[3]
PAGE = (PROJECT / "docs" / "testing-segments.md").read_text(encoding="utf-8")
HEAD = """
version: 1
as_of: 2026-03-31T10:00:00Z
websites: { base: Europe/Berlin, us: America/New_York }
tests:
"""


def people(files: Files, test: str) -> list[Person]:
    """The people of one test of the segment `tested`."""
    project = files.check_match("is_confirmed: true")
    files.write("segment_tests.yml", f"{HEAD}  tested:\n{indent(test, '    ')}")
    (only,) = check_tests(project, files.folder / "segment_tests.yml").tests
    return list(only.people)


def mistakes(files: Files, tests: str) -> list[str]:
    project = files.check_match("is_confirmed: true")
    files.write("segment_tests.yml", tests)
    with pytest.raises(DefinitionsError) as raised:
        check_tests(project, files.folder / "segment_tests.yml")
    return [str(problem) for problem in raised.value.problems]


def moment(files: Files, text: str, website: str = "base") -> object:
    (person,) = people(files, f"in: {{ a: {{ website: {website}, created_at: {text} }} }}")
    created_at = person.profile["created_at"]
    assert isinstance(created_at, datetime)
    return created_at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("text", "website", "expected"),
    [
        ("2026-03-10T22:30:00Z", "us", "2026-03-10T22:30"),
        ("2026-03-10 22:30", "base", "2026-03-10T21:30"),
        ("2026-03-10 22:30", "us", "2026-03-11T02:30"),
        ("2026-03-10", "base", "2026-03-10T11:00"),
        ("2026-03-10", "us", "2026-03-10T16:00"),
        # Fixed lengths do not mind the clock's change on 29 March; months are steps on the website's clock.
        ("7 days ago", "base", "2026-03-24T10:00"),
        ("90 minutes ago", "base", "2026-03-31T08:30"),
        ("in 2 days", "base", "2026-04-02T10:00"),
        ("1 month ago", "base", "2026-02-28T11:00"),
        ("1 month ago", "us", "2026-02-28T11:00"),
        ("in 1 month", "base", "2026-04-30T10:00"),
        # Left out when the clocks go forward; there twice when they go back.
        ("2026-03-29 02:30", "base", "2026-03-29T01:30"),
        ("2025-10-26 02:30", "base", "2025-10-26T01:30"),
    ],
)
def test_moments_are_by_the_clock_of_the_website(
    files: Files, text: str, website: str, expected: str
) -> None:
    assert moment(files, text, website) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1990-05-27", date(1990, 5, 27)),
        ("today", date(2026, 3, 31)),
        ("yesterday", date(2026, 3, 30)),
        ("tomorrow", date(2026, 4, 1)),
        ("3 days ago", date(2026, 3, 28)),
        ("in 2 weeks", date(2026, 4, 14)),
        ("1 month ago", date(2026, 2, 28)),
        ("2 years ago", date(2024, 3, 31)),
    ],
)
def test_days_are_those_of_the_website(files: Files, text: str, expected: date) -> None:
    (person,) = people(files, f"in: {{ a: {{ birth_date: {text} }} }}")
    assert person.profile["birth_date"] == expected


def test_what_everybody_has_is_replaced_as_a_whole(files: Files) -> None:
    ann, bob, eve = people(
        files,
        "everybody: { gender: Female, orders: [ { grand_total: 1 }, { grand_total: 2 } ] }\n"
        "in: { ann: {} }\n"
        "out:\n  bob: { gender: null, orders: { grand_total: 3 } }\n  eve: { orders: [] }\n",
    )

    assert (ann.is_member, ann.profile["gender"]) == (True, "Female")
    assert [row.values["grand_total"] for row in ann.rows["orders"]] == [1, 2]
    assert (bob.is_member, bob.profile["gender"]) == (False, None)
    assert [row.values["grand_total"] for row in bob.rows["orders"]] == [3]
    assert eve.rows["orders"] == ()


def test_values_are_as_the_columns_want_them(files: Files) -> None:
    (person,) = people(
        files,
        "in: { a: { order_items: { qty: 2, product.category: Shoes, product: { price: 1.5 },\n"
        "  order: { state: COMPLETE } , times: 3 } } }",
    )

    (row,) = person.rows["order_items"]
    assert (row.values, row.times) == ({"qty": 2}, 3)
    assert row.parents == {
        "product": {"category": ["shoes"], "price": Decimal("1.5")},
        "order": {"state": "complete"},
    }


def test_rows_of_people_keep_apart(files: Files) -> None:
    found = people(
        files,
        "in: { a: { order_items: { order.state: complete, times: 2 } }, b: { profile_id: 1, orders: {} } }\n"
        "out: { c: { profile_id: 1 } }",
    )
    vocabulary = read_vocabulary(files.folder)

    first, second = number_people(vocabulary, found)
    tables = {table.model: table.rows for table in sample_tables(vocabulary, first)}

    assert {number: person.name for number, person in first.items()} == {1: "b", 2: "a"}
    assert {number: person.name for number, person in second.items()} == {1: "c"}
    # Two items have two orders, which are the person's as well.
    assert [row["profile_id"] for row in tables["orders"]] == [1, 2, 2]
    assert len({row["order_id"] for row in tables["orders"]}) == 3
    assert {row["order_id"] for row in tables["order_items"]} <= {row["order_id"] for row in tables["orders"]}


def test_guest_has_nobodys_account(files: Files) -> None:
    """What another model adds to a profile is found by the account's number, which a guest does not have."""
    files.write(
        "models/_accounts.yml",
        """
models:
  - name: profiles_of_accounts
    config: {meta: {extends: {model: profiles, key: account_id, column: customer_id}}}
    columns:
      - {name: account_id, data_type: bigint, config: {meta: {hidden: true}}, data_tests: [unique]}
      - {name: tier, data_type: text, description: Tier.}
""",
    )
    hidden = "      - {name: customer_id, data_type: bigint, config: {meta: {hidden: true}}}\n"
    key = "      - {name: profile_id, data_type: bigint, config: {meta: {hidden: true}}}\n"
    files.write("models/_models.yml", VOCABULARY.replace(key, key + hidden, 1))
    found = people(files, "in: { a: { tier: Gold }, b: { profile_type: guest, tier: Silver } }")

    vocabulary = read_vocabulary(files.folder)
    (numbered,) = number_people(vocabulary, found)
    tables = {table.model: table.rows for table in sample_tables(vocabulary, numbered)}

    accounts = [row["customer_id"] for row in tables["profiles"]]
    assert accounts[0] == 1
    assert len(set(accounts)) == 2
    assert {row["account_id"]: row["tier"] for row in tables["profiles_of_accounts"]} == dict(
        zip(accounts, ("Gold", "Silver"), strict=True)
    )


@pytest.mark.parametrize(
    ("person", "told"),
    [
        ("ordrs: {}", "Did you mean `orders`?"),
        ("orders: { grand_totl: 1 }", "Did you mean `grand_total`?"),
        ("orders: { grand_total: much }", "grand_total wants an amount of money, not the text `much`"),
        ("orders: { state: cancelled }", "Did you mean `canceled`?"),
        ("orders: { ordered_at: 10 dys ago }", "10 days"),
        ("orders: { ordered_at: today }", "Say how long ago"),
        ("orders: { ordered_at: 7 days }", "such as `1 hour ago`"),
        ("birth_date: 12 years", "such as `3 days ago`"),
        ("orders: { ordered_at: 2026-02-30 }", "no day or time of the calendar"),
        ("orders: { ordered_at: 5000 years ago }", "1,000 years"),
        ("orders: 3", "a row of orders is a mapping"),
        ("orders: { times: 0 }", "times wants a number of rows"),
        ("order_items: { qty: 1.5 }", "qty is a whole number (integer)"),
        ("order_items: { price: 1, brand: Acme }", "write `product.brand`"),
        ("order_items: { brnd: Acme }", "Did you mean `product.brand`?"),
        ("order_items: { product: { colour: red } }", "the column of product `colour` does not exist"),
        ("gender: 1", 'Quote it: "1"'),
        ("website: uss", "Add it to `websites`"),
        ("birth_date: 2 hours ago", "birth_date wants a duration"),
        ("is_active: perhaps", "is_active is true or false"),
    ],
)
def test_mistakes_of_people_are_told_once_with_their_cure(files: Files, person: str, told: str) -> None:
    text = f"{HEAD}  tested:\n    everybody: {{ {person} }}\n    in: {{ a: {{}}, b: {{}} }}\n"

    (mistake,) = mistakes(files, text)

    assert "segment_tests.yml:6:" in mistake
    assert "in tested" in mistake
    assert told in mistake


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("version: 1\ntests: { tested: { in: { a: } } }", "the key `as_of` is missing"),
        ("version: 1\nas_of: 2026-03-31\ntests: { tested: { in: { a: } } }", "as_of wants a time"),
        ("version: 2\nas_of: 2026-03-31T10:00:00Z\ntests: { tested: { in: { a: } } }", "the version is"),
        ("version: 1\nas_of: 2026-03-31T10:00:00Z\ntests: []", "there are no `tests`"),
        (
            HEAD.replace("Berlin", "Berln") + "  tested: { in: { a: } }",
            "Europe/Berlin",
        ),
        (f"{HEAD}  testd: {{ in: {{ a: }} }}", "Did you mean `tested`?"),
        (f"{HEAD}  tested: {{ name: nobody }}", "nobody `in` and nobody `out`"),
        (f"{HEAD}  tested: {{ in: [ a ] }}", "`in` wants people"),
        (f"{HEAD}  tested: {{ in: {{ a: }}, orders: {{}} }}", "It is said of people"),
        (f"{HEAD}  tested: {{ in: {{ a: 5 }} }}", "a person is a mapping"),
        (f"{HEAD}  tested: 5", "a test is a mapping"),
    ],
)
def test_mistakes_of_the_file_are_told(files: Files, text: str, told: str) -> None:
    (mistake,) = mistakes(files, text)
    assert told in mistake


def test_who_must_be_in_and_out_is_told(files: Files) -> None:
    """Whatever the order of the words; the same name is no mistake where something else is said."""
    (mistake,) = mistakes(
        files,
        f"""{HEAD}
  tested:
    everybody: {{ gender: Female }}
    in:
      a: {{ orders: {{ grand_total: 1, state: complete }} }}
      b: {{ orders: {{ grand_total: 2, state: complete }} }}
    out:
      a: {{ gender: Male }}
      c: {{ orders: {{ state: complete, grand_total: 1.0 }}, gender: Female }}
""",
    )
    assert mistake.startswith("segment_tests.yml:13:7 in tested: all that is said of `c`, who must be out,")
    assert "is said of `a` in line 9, who must be in" in mistake


def test_all_mistakes_are_told_at_once(files: Files) -> None:
    found = mistakes(
        files, f"{HEAD}  tested: {{ in: {{ a: {{ ordrs: 1, gendr: 2 }} }} }}\n  other: {{ out: {{ b: }} }}\n"
    )
    assert len(found) == 3


def test_example_of_the_docs_is_valid(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "segment_tests.yml"
    file.write_text(block)

    found = check_tests(check_project(PROJECT), file)

    assert [test.segment for test in found.tests] == ["vip_platinum", "abandoned_cart_200"]


def test_schema_for_editors_is_current_and_knows_the_shipped_tests() -> None:
    schema = schema_of_tests(PROJECT)
    committed = (PROJECT / "segment_tests.schema.json").read_text(encoding="utf-8")
    assert committed == json.dumps(schema, indent=2, ensure_ascii=False) + "\n", "run `segments schema`"

    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    shipped = read_yaml((PROJECT / "segment_tests.yml").read_bytes(), Reporter("segment_tests.yml"))
    assert shipped is not None
    validator.validate(plain_value(shipped))
    misspelt = {"version": 1, "as_of": "2026-05-20T12:00:00Z", "tests": {"a": {"in": {"b": {"ordrs": {}}}}}}
    assert not validator.is_valid(misspelt)
