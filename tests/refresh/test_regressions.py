"""What drawn stories have found, each kept small in `regressions/`, with what was wrong in the first line."""

from pathlib import Path

import pytest

from tests.refresh.files import read_story
from tests.refresh.refreshing import RefreshWarehouse
from tests.refresh.story import tell

_FILES = sorted((Path(__file__).parent / "regressions").glob("*.yml"))


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_refreshes_stay_right(refreshed: RefreshWarehouse, path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# Regression: ")
    mismatch = tell(refreshed, read_story(path))
    assert mismatch is None, mismatch
