"""Stories as files: what a failing test prints, and what is kept in `regressions/` to stay mended."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from maho_segments.shop.tables import shop_tables
from tests.properties.base_shop import BASE_SHOP, Case, Row, Shop
from tests.properties.regressions import ExactLoader, as_stored, case_lines
from tests.properties.warehouse import Definitions
from tests.properties.yaml_text import yaml_text
from tests.refresh.story import Story


def story_text(story: Story) -> str:
    """A story as the text of a file."""
    lines = case_lines(story.case)
    if story.capture != "triggers":
        lines.insert(1, f"capture: {story.capture}")
    for word, definitions in (
        ("attributes", story.definitions.attributes), ("segments", story.definitions.segments)
    ):  # fmt: skip
        lines += [f"{word}:"] * bool(definitions)
        lines += [f"  {name}: {yaml_text(one)}" for name, one in definitions.items()]
    lines.append("steps:")
    lines += [f"  - {yaml_text(step)}" for step in story.steps]
    return "\n".join(lines) + "\n"


def read_story(path: Path) -> Story:
    """The story of a file."""
    content = yaml.load(path.read_text(encoding="utf-8"), ExactLoader)
    shop: Shop = {name: list(rows) for name, rows in BASE_SHOP.items()}
    for name, rows in (content["shop"] or {}).items():
        shop.setdefault(name, []).extend(_row(name, row) for row in rows)
    case = Case(
        datetime.fromisoformat(content["as_of"]).astimezone(UTC), shop, content.get("guest_orders", "join")
    )
    definitions = Definitions(content["segments"], content.get("attributes") or {})
    steps = [{word: _step(word, what) for word, what in step.items()} for step in content["steps"] or ()]
    return Story(case, definitions, steps, content.get("capture", "triggers"))


def _step(word: str, what: Any) -> Any:
    return [_write(*write) for write in what] if word in {"write", "capture"} else what


def _write(kind: str, table: str, *rest: Any) -> list[Any]:
    if kind == "replace":
        return [kind, table, [_row(table, row) for row in rest[0]]]
    return [kind, table, *(_row(table, row) for row in rest)]


def _row(table: str, row: Row) -> Row:
    types = {column.name: column.type for column in shop_tables()[table].columns}
    return {column: as_stored(value, types[column]) for column, value in row.items()}
