"""What drawn cases have found, each kept small in `regressions/`, with its story in the first line."""

from pathlib import Path

import pytest

from tests.properties.regressions import read_case
from tests.properties.warehouse import Warehouse

_FILES = sorted((Path(__file__).parent / "regressions").glob("*.yml"))


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_members_stay_right(warehouse: Warehouse, path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# Regression: ")
    case, definitions, members = read_case(path)
    warehouse.load(case)
    project = warehouse.project(definitions)
    assert warehouse.members(project) == members
    assert warehouse.wanted(project) == members
