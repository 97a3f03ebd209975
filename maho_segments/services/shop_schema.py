"""Where the shop's raw tables are."""

from typing import Any

import yaml

from maho_segments.services.project import Workspace
from maho_segments.shop import RAW_SCHEMA


def shop_schema(workspace: Workspace) -> str:
    """The schema of the shop's tables, as dbt_project.yml names it."""
    text = (workspace.folder / "dbt_project.yml").read_text(encoding="utf-8")
    project: Any = yaml.load(text, Loader=yaml.CSafeLoader)
    return str((project.get("vars") or {}).get("maho_schema", RAW_SCHEMA))
