"""The shipped segments have members in the demo shop, and none has everybody; the queries of the docs run."""

import re
from typing import Any

import pytest

from tests.databases import PROJECT
from tests.integration.cli.conftest import Shell

TABLES = (PROJECT / "docs" / "tables.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def built(shell: Shell) -> list[dict[str, Any]]:
    """The segments of the demo shop in its usual size, as the build reports them."""
    segments = shell.ask("demo")["segments"]
    assert isinstance(segments, list)
    return segments


def test_every_example_has_members(built: list[dict[str, Any]]) -> None:
    assert [segment["name"] for segment in built if segment["members"] == 0] == []


def test_no_example_has_everybody(built: list[dict[str, Any]]) -> None:
    assert [segment["name"] for segment in built if segment["members"] == segment["audience"]] == []


@pytest.mark.parametrize("query", re.findall(r"```sql\n(.*?)```", TABLES, re.DOTALL))
def test_queries_of_the_docs_run(shell: Shell, built: list[dict[str, Any]], query: str) -> None:
    shell.database.rows(query)
