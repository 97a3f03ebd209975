"""The small project that the tests of the language work on."""

from pathlib import Path

import pytest

from tests.unit.language.small_project import ATTRIBUTES, VOCABULARY, Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A project with its vocabulary and attributes, and no segments yet."""
    made = Files(tmp_path)
    made.write("models/_models.yml", VOCABULARY)
    made.write("attributes.yml", ATTRIBUTES)
    return made
