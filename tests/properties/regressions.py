"""Cases as files: what a failing test prints, and what is kept in `regressions/` so that it stays mended."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from maho_segments.shop.tables import shop_tables
from tests.properties.base_shop import BASE_SHOP, Case, Shop
from tests.properties.warehouse import Definitions, ProfileKey
from tests.properties.yaml_text import yaml_text

Members = Mapping[str, frozenset[ProfileKey]]


def case_lines(case: Case) -> list[str]:
    """The lines of a file that say when a case is looked at, and its shop."""
    lines = [f"as_of: {yaml_text(case.as_of)}"]
    if case.guest_orders != "join":
        lines.append(f"guest_orders: {case.guest_orders}")
    lines.append("shop:  # besides what every shop of these tests has")
    for name, rows in case.shop.items():
        own = rows[len(BASE_SHOP.get(name, [])) :]
        lines += [f"  {name}:"] * bool(own) + [f"    - {yaml_text(row)}" for row in own]
    return lines


def case_text(case: Case, definitions: Definitions, members: Members) -> str:
    """A case as the text of a file."""
    lines = case_lines(case)
    if definitions.attributes:
        lines.append("attributes:")
    lines += [f"  {name}: {yaml_text(one)}" for name, one in definitions.attributes.items()]
    lines.append("segments:")
    lines += [f"  {name}: {yaml_text(one)}" for name, one in definitions.segments.items()]
    lines.append("members:")
    lines += [f"  {name}: {yaml_text(sorted(members[name], key=repr))}" for name in definitions.segments]
    return "\n".join(lines) + "\n"


def read_case(path: Path) -> tuple[Case, Definitions, dict[str, frozenset[ProfileKey]]]:
    """The case of a file, and who has to be in its segments."""
    content = yaml.load(path.read_text(encoding="utf-8"), ExactLoader)
    shop: Shop = {name: list(rows) for name, rows in BASE_SHOP.items()}
    for name, rows in (content["shop"] or {}).items():
        types = {column.name: column.type for column in shop_tables()[name].columns}
        shop.setdefault(name, []).extend(
            {column: as_stored(value, types[column]) for column, value in row.items()} for row in rows
        )
    definitions = Definitions(content["segments"], content.get("attributes") or {})
    members = {name: frozenset(map(tuple, keys)) for name, keys in content["members"].items()}
    as_of = datetime.fromisoformat(content["as_of"]).astimezone(UTC)
    return Case(as_of, shop, content.get("guest_orders", "join")), definitions, members


def as_stored(value: Any, kind: str) -> Any:
    """A value of a file as a column of that type gives it back."""
    if kind == "timestamp" and value is not None:
        return datetime.fromisoformat(value)
    return Decimal(value) if kind == "numeric" and value is not None else value


class ExactLoader(yaml.SafeLoader):
    """Numbers are exact."""


ExactLoader.add_constructor(
    "tag:yaml.org,2002:float", lambda loader, node: Decimal(loader.construct_scalar(node))
)
