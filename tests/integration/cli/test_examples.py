"""The shipped segments have members in the demo shop, and none has everybody; the queries of the docs run."""

import re
from typing import Any

import pytest

from tests.databases import PROJECT
from tests.integration.cli.conftest import Shell

TABLES = (PROJECT / "docs" / "tables.md").read_text(encoding="utf-8")


def test_every_example_has_members(demo_report: dict[str, Any]) -> None:
    assert [segment["name"] for segment in demo_report["segments"] if segment["members"] == 0] == []


def test_no_example_has_everybody(demo_report: dict[str, Any]) -> None:
    segments = demo_report["segments"]
    assert [segment["name"] for segment in segments if segment["members"] == segment["audience"]] == []


@pytest.mark.parametrize("query", re.findall(r"```sql\n(.*?)```", TABLES, re.DOTALL))
def test_queries_of_the_docs_run(shop: Shell, query: str) -> None:
    shop.database.rows(query)
