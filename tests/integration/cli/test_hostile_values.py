"""Values that mean something to SQL, LIKE, regular expressions, Jinja, YAML or a terminal are only values."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.cli.conftest import Shell

HOSTILE = [
    "O'Brien",
    "O''Brien",
    "'; drop table profiles; --",
    "/* comment */",
    "-- comment",
    "$$ quoted $$",
    "\\",
    "back\\slash",
    "\\'",
    "E'\\x41'",
    "\\u0041",
    "100%",
    "a_b",
    "%s %(name)s",
    ".*",
    "[unclosed",
    "a+b(c|d)?^$",
    "{{ 1 / 0 }}",
    "{{ env_var('HOME') }}",
    "{% raw %}",
    "{# comment #}",
    "}} %}",
    "yes",
    "null",
    "1e3",
    "2026-01-01",
    ": - ? [a, {b: c}] # &x *x !x |",
    '"double" `back`',
    "line\nbreak",
    "carriage\r\nreturn",
    "form\x0cfeed",
    "next\x85line",
    "line\u2028separator",
    "tab\tstop",
    "Grüße 🎉 ñ",
    "<b>&amp;</b>",
    "[bold]markup[/bold]",
    "A" * 200,
]

# What each operator says of a customer's name, by the language's rules.
TESTS: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda name, value: name.lower() == value.lower(),
    "ne": lambda name, value: name.lower() != value.lower(),
    "contains": lambda name, value: value.lower() in name.lower(),
    "not_contains": lambda name, value: value.lower() not in name.lower(),
    "starts_with": lambda name, value: name.lower().startswith(value.lower()),
    "ends_with": lambda name, value: name.lower().endswith(value.lower()),
}


def names() -> list[str]:
    """The last names: each value, one that has it inside in another case, and one that has none."""
    return [variant for value in HOSTILE for variant in (value, f"x{value.upper()}y")] + ["Nobody"]


def segments() -> dict[str, Any]:
    """Segments of each value under each operator, each with a hostile label as well."""
    made: dict[str, Any] = {}
    for number, value in enumerate(HOSTILE):
        rules: dict[str, Any] = {
            f"{operator}_{number}": {"last_name": {operator: value}} for operator in TESTS
        }
        rules[f"in_{number}"] = {"last_name": {"in": [value, "Nobody"]}}
        rules[f"not_in_{number}"] = {"last_name": {"not_in": [value, "Nobody"]}}
        rules[f"exactly_{number}"] = {"last_name": {"eq": value, "case_sensitive": True}}
        rules[f"matches_{number}"] = {"last_name": {"matches": f"^{re.escape(value)}$"}}
        rules[f"category_{number}"] = {
            "order_items": {"where": {"product.category": {"contains_any": [value]}}}
        }
        made |= {name: {"label": value, "description": value, "match": rule} for name, rule in rules.items()}
    return made


def expected(name: str) -> set[str]:
    """The last names of a segment's members."""
    operator, _, number = name.rpartition("_")
    value = HOSTILE[int(number)]
    match operator:
        case "in" | "not_in":
            inside = {text for text in names() if text.lower() in {value.lower(), "nobody"}}
            return inside if operator == "in" else set(names()) - inside
        case "exactly":
            return {value}
        case "matches":
            return {text for text in names() if TESTS["eq"](text, value)}
        case "category":
            return set()
    return {text for text in names() if TESTS[operator](text, value)}


def as_yaml(definitions: dict[str, Any]) -> str:
    """The file, every text of it quoted and every line break in one escaped."""
    text = yaml.safe_dump(definitions, default_style='"', width=10_000).replace('!!bool "true"', "true")
    return "version: 1\nsegments:\n" + "".join(f"  {line}\n" for line in text.split("\n") if line)


def write_customers(folder: Path) -> None:
    """A shop of customers with these last names."""
    tables: dict[str, list[list[Any]]] = {
        "core_website": [["website_id", "code", "name"], [0, "admin", "Admin"], [1, "base", "Main"]],
        "core_store": [
            ["store_id", "code", "website_id", "name"],
            [0, "admin", 0, "Admin"],
            [1, "en", 1, "English"],
        ],
        "eav_entity_type": [["entity_type_id", "entity_type_code"], [1, "customer"]],
        "eav_attribute": [
            ["attribute_id", "entity_type_id", "attribute_code", "backend_type"],
            [7, 1, "lastname", "varchar"],
        ],
        "customer_entity": [["entity_id", "website_id", "store_id", "email", "created_at"]],
        "customer_entity_varchar": [["entity_id", "attribute_id", "value"]],
    }
    for number, name in enumerate(names(), start=1):
        tables["customer_entity"].append([number, 1, 1, f"c{number}@shop.example", "2026-01-01 00:00:00"])
        tables["customer_entity_varchar"].append([number, 7, name])
    for table, rows in tables.items():
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)


@pytest.fixture(scope="module")
def members(new_shell: Callable[[], Shell], tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The last names of each segment's members, as published."""
    shell = new_shell()
    folder = tmp_path_factory.mktemp("hostile")
    write_customers(folder)
    (shell.project / "segments.yml").write_text(as_yaml(segments()), encoding="utf-8")
    assert shell.run("load", str(folder)).exit_code == 0
    shell.ask("build", "--as-of", "2026-02-01T00:00:00Z")
    labels = dict(shell.database.rows("select segment_name, label from segments.segments"))
    # A label is one line: its blanks are folded.
    assert labels == {name: " ".join(segment["label"].split()) for name, segment in segments().items()}
    found: dict[str, set[str]] = {name: set() for name in segments()}
    for segment, name in shell.database.rows("select segment_name, last_name from segments.segment_members"):
        found[segment].add(name)
    return found


@pytest.mark.parametrize("operator", [*TESTS, "in", "not_in", "exactly", "matches", "category"])
def test_value_is_only_a_value(members: dict[str, set[str]], operator: str) -> None:
    of_operator = [name for name in members if name.rpartition("_")[0] == operator]

    assert len(of_operator) == len(HOSTILE)
    assert {name: members[name] for name in of_operator} == {name: expected(name) for name in of_operator}
