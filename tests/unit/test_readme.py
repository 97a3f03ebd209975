"""What the README shows is so: its examples, its mistake and how it is told, its commands, its links."""

import re
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from maho_segments.cli.main import app
from maho_segments.errors import DefinitionsError
from maho_segments.language import check_project

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The shipped project, but for segments.yml."""
    for name in ("models", "macros", "attributes.yml"):
        (tmp_path / name).symlink_to(PROJECT / name)
    return tmp_path


def write_with(project: Path, segment: str) -> None:
    """The shipped segments, with another one before the second."""
    shipped = (PROJECT / "segments.yml").read_text(encoding="utf-8")
    (project / "segments.yml").write_text(shipped.replace("  vip_gold:\n", f"{segment}\n  vip_gold:\n", 1))


def test_first_example_is_a_shipped_segment():
    (name, example), *_ = yaml.safe_load(BLOCKS[0]).items()
    shipped = yaml.safe_load((PROJECT / "segments.yml").read_text(encoding="utf-8"))["segments"][name]
    assert example == {key: shipped[key] for key in example}


def test_mistake_of_the_tutorial_is_told_as_shown(project):
    write_with(project, BLOCKS[1])
    with pytest.raises(DefinitionsError) as raised:
        check_project(project)
    for line in str(raised.value).splitlines():
        told = re.sub(r"^segments\.yml:\d+:", "", line)
        assert told in README


def test_corrected_segment_of_the_tutorial_validates(project):
    write_with(project, BLOCKS[1].replace("cont:", "count:"))
    assert "two_orders_last_month" in check_project(project).segments


def test_commands_exist():
    named = set(re.findall(r"^(?:echo .* \| )?segments ([\w-]+)", README, re.MULTILINE))
    named |= set(re.findall(r"`segments ([\w-]+)", README))
    assert named == set(get_command(app).commands)


def test_links_lead_to_files():
    for target in re.findall(r"\]\(([^)\s#]+)\)", README):
        assert target.startswith("https://") or (PROJECT / target).exists()
