"""The project's schemas beside that of the public tables, named as generate_schema_name.sql does it."""

from typing import Literal

Part = Literal["staging", "relations", "work", "capture"]


def schema_of(schema: str, part: Part) -> str:
    """The schema of a part of the project whose public tables are in `schema`."""
    return f"{schema}_{part}"
