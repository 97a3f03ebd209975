"""What the sources say for the capture agrees with what staging reads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

STAGING = Path(__file__).resolve().parents[2] / "models" / "staging" / "maho"
TABLES: list[dict[str, Any]] = yaml.safe_load((STAGING / "_maho__sources.yml").read_text(encoding="utf-8"))[
    "sources"
][0]["tables"]


def _columns(concerns: Any) -> set[str]:
    """The columns that `concerns` of a table names."""
    found: set[str] = set()
    for concern in concerns.values() if isinstance(concerns, dict) else []:
        one = {"column": concern} if isinstance(concern, str) else concern
        found |= {one[key] for key in ("column", "unless") if key in one} | set(one.get("where", {}))
    return found


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table["name"])
def test_every_table_says_whom_its_rows_concern_by_columns_that_count(table: dict[str, Any]) -> None:
    captured = {
        column["name"]
        for column in table["columns"]
        if column.get("config", {}).get("meta", {}).get("captured", True)
    }
    assert _columns(table["config"]["meta"]["concerns"]) <= captured


def test_settings_that_are_read_are_those_that_are_captured() -> None:
    settings = next(table for table in TABLES if table["name"] == "core_config_data")
    captured = settings["config"]["meta"]["concerns"]["everything"]["where"]["path"]
    text = (STAGING / "stg_maho__settings.sql").read_text(encoding="utf-8")
    assert sorted(re.findall(r"'([^']+/[^']+)'", text)) == sorted(captured)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table["name"])
def test_a_column_that_is_not_captured_is_not_read(table: dict[str, Any]) -> None:
    ignored = [
        column["name"]
        for column in table["columns"]
        if not column.get("config", {}).get("meta", {}).get("captured", True)
    ]
    readers = [
        text
        for path in STAGING.glob("*.sql")
        if f"source('maho', '{table['name']}')" in (text := path.read_text(encoding="utf-8"))
    ]
    for column in ignored:
        assert not any(re.search(rf"\b{column}\b", text) for text in readers), column
