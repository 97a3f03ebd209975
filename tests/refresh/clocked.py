"""Writes of a shop that has no triggers: those of which the clocks in its rows tell everything."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

import yaml

from tests.databases import PROJECT
from tests.refresh.rows import Write

_SOURCES = PROJECT / "models/staging/maho/_maho__sources.yml"


def told_by_clocks(writes: list[Write], now: datetime) -> list[Write]:
    """Those of the writes that move the clock of their row, which is put to now.

    A row that is deleted has no clock; and of one that goes to somebody else, it does not tell who had it.
    """
    found: list[Write] = []
    for kind, table, *rest in writes:
        clock = _clocks().get(table)
        if clock is None or kind not in ("insert", "update"):
            continue
        row = {**rest[-1], clock: now.astimezone(UTC).replace(tzinfo=None)}
        if kind == "update":
            row = {name: value for name, value in row.items() if not _says_whose(name)}
        found.append([kind, table, *rest[:-1], row])
    return found


def _says_whose(column: str) -> bool:
    return column.endswith("_id") or "email" in column


@cache
def _clocks() -> dict[str, str]:
    """The column of each table that tells when a row was written last."""
    found: dict[str, str] = {}
    for source in yaml.safe_load(_SOURCES.read_text(encoding="utf-8"))["sources"]:
        for table in source["tables"]:
            meta: dict[str, Any] = table.get("config", {}).get("meta", {})
            if "clock" in meta:
                found[table["name"]] = meta["clock"]
    return found
