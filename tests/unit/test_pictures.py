"""The pictures of the docs: each is shown, and those of Dagster are what docs/screenshots.py takes."""

import re
import runpy
from pathlib import Path

PROJECT = Path(__file__).parents[2]
IMAGES = PROJECT / "docs" / "images"


def test_every_picture_is_shown():
    pages = [PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    shown = set(re.findall(r"!\[[^\]]+\]\((?:docs/)?images/([^)]+)\)", text))
    assert shown == {image.name for image in IMAGES.iterdir()}


def test_pictures_of_dagster_are_those_that_are_taken_and_small():
    script = runpy.run_path(str(PROJECT / "docs" / "screenshots.py"))
    taken = [picture.file for picture in script["PICTURES"]]
    assert sorted(taken) == sorted(IMAGES.glob("dagster-*.png"))
    assert max(image.stat().st_size for image in taken) <= script["LARGEST_BYTES"]
