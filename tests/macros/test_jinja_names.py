"""Names in the project's Jinja are declared, arguments used, calls fit: dbt checks none of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import nodes

from tests.macros.jinja_check import (
    DBT_CONTEXT,
    MacroFile,
    dbt_macros,
    parse,
    unknown_names,
    unused_arguments,
    wrong_calls,
)

PROJECT = Path(__file__).resolve().parents[2]
FILES = sorted(
    path for folder in ("macros", "models", "tests/dbt") for path in (PROJECT / folder).rglob("*.sql")
)

# dbt calls these with arguments of its own choosing.
FIXED_SIGNATURES = frozenset({"generate_schema_name.node"})


@pytest.fixture(scope="module")
def parsed() -> dict[Path, MacroFile]:
    return {path: parse(path) for path in FILES}


@pytest.fixture(scope="module")
def signatures(parsed: dict[Path, MacroFile]) -> dict[str, nodes.Macro]:
    return {name: macro for file in parsed.values() for name, macro in file.macros()}


@pytest.fixture(scope="module")
def known(signatures: dict[str, nodes.Macro]) -> frozenset[str]:
    return DBT_CONTEXT | dbt_macros() | frozenset(signatures)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_file_reads_known_names_only(
    path: Path, parsed: dict[Path, MacroFile], known: frozenset[str]
) -> None:
    assert unknown_names(parsed[path], known) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_every_argument_is_used(path: Path, parsed: dict[Path, MacroFile]) -> None:
    assert set(unused_arguments(parsed[path])) - FIXED_SIGNATURES == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_calls_fit_their_macros(
    path: Path, parsed: dict[Path, MacroFile], signatures: dict[str, nodes.Macro]
) -> None:
    assert wrong_calls(parsed[path], signatures) == []


def test_the_check_finds_what_it_looks_for(
    tmp_path: Path, signatures: dict[str, nodes.Macro], known: frozenset[str]
) -> None:
    broken = tmp_path / "broken.sql"
    broken.write_text(
        "{% macro broken(used, ignored) %}{{ used }}{{ misspelt }}{{ segment_flag(1, 2) }}{% endmacro %}"
    )
    file = parse(broken)
    assert unknown_names(file, known) == ["misspelt"]
    assert unused_arguments(file) == ["broken.ignored"]
    assert len(wrong_calls(file, signatures)) == 1
