"""docs/language.md is true: its examples validate, its tables are current, and no word is missing."""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import get_args

import pytest
from jsonschema import Draft202012Validator

from maho_segments.errors import DefinitionsError
from maho_segments.language import check_project, json_schema
from maho_segments.language.attributes_file import FORMS
from maho_segments.language.literals import UNITS
from maho_segments.language.operators import OPERATORS, WINDOW_OPERATORS
from maho_segments.language.plain import plain_value
from maho_segments.language.problems import Reporter
from maho_segments.language.reference import render_reference
from maho_segments.language.relation_reader import RELATION_KEYS
from maho_segments.language.rules import ValueType
from maho_segments.language.shapes import (
    AUDIENCES,
    DefaultsShape,
    FileShape,
    GuardShape,
    IdentityShape,
    RefreshShape,
    SegmentShape,
)
from maho_segments.language.vocabulary import KEYWORDS
from maho_segments.language.yaml_reader import read_yaml

PROJECT = Path(__file__).parents[3]
PAGE = (PROJECT / "docs" / "language.md").read_text(encoding="utf-8")
SHIPPED = (PROJECT / "segments.yml").read_text(encoding="utf-8")


def blocks() -> Iterator[tuple[int, str]]:
    """The YAML blocks of the page, with their lines."""
    for block in re.finditer(r"```yaml\n(.*?)```", PAGE, re.DOTALL):
        yield PAGE[: block.start()].count("\n") + 1, block[1]


def table_examples() -> Iterator[tuple[int, str]]:
    """The rules in the last column of tables that are headed `example`, with their lines."""
    heading: str | None = None
    for number, line in enumerate(PAGE.splitlines(), start=1):
        cells = [cell.strip() for cell in line.strip("|").split(" | ")] if line.startswith("|") else []
        if not cells:
            heading = None
        elif heading is None:
            heading = cells[-1]
        elif heading.startswith("example") and "---" not in line:
            wrapped = "{ %s }" if heading == "example" else "{ orders: { where: { %s } } }"
            for example in re.findall(r"`([^`]+)`", cells[-1]):
                yield number, wrapped % example


class Sandbox:
    """The shipped project, but for the definitions that a test writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("models", "macros"):
            (folder / name).symlink_to(PROJECT / name)
        self.write(SHIPPED, (PROJECT / "attributes.yml").read_text(encoding="utf-8"))

    def write(self, segments: str, attributes: str | None = None) -> None:
        (self.folder / "segments.yml").write_text(segments, encoding="utf-8")
        if attributes is not None:
            (self.folder / "attributes.yml").write_text(attributes, encoding="utf-8")

    def check(self) -> None:
        """Fail with the problems as people see them."""
        try:
            check_project(self.folder)
        except DefinitionsError as error:
            pytest.fail(str(error))
        schema = Draft202012Validator(json_schema(self.folder))
        node = read_yaml((self.folder / "segments.yml").read_bytes(), Reporter("segments.yml"))
        assert node is not None
        schema.validate(plain_value(node))


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return Sandbox(tmp_path)


def with_rule(rule: str) -> str:
    return f"{SHIPPED}\n  example:\n    match:\n{indent(rule, ' ' * 6)}"


@pytest.mark.parametrize("block", [pytest.param(block, id=f"line_{line}") for line, block in blocks()])
def test_yaml_blocks_validate(sandbox, block):
    if re.search(r"^attributes:", block, re.MULTILINE):
        shipped = (PROJECT / "attributes.yml").read_text(encoding="utf-8")
        sandbox.write(SHIPPED, shipped + block.removeprefix("attributes:\n"))
    elif re.search(r"^segments:", block, re.MULTILINE):
        sandbox.write(f"version: 1\n{block}")
    else:
        sandbox.write(with_rule(block))
    sandbox.check()


@pytest.mark.parametrize("rule", [pytest.param(rule, id=f"line_{line}") for line, rule in table_examples()])
def test_examples_of_tables_validate(sandbox, rule):
    sandbox.write(with_rule(rule))
    sandbox.check()


def test_the_generated_tables_are_current():
    for path, page in render_reference(PROJECT).items():
        current = path.read_text(encoding="utf-8")
        assert current == page, f"{path.name} is stale: run `python -m maho_segments.language.reference`"


def test_every_operator_has_an_example():
    examples = " ".join(rule for _, rule in table_examples())
    assert [name for name in OPERATORS if f"{name}:" not in examples] == []


@pytest.mark.parametrize(
    "words",
    [
        KEYWORDS,
        OPERATORS,
        WINDOW_OPERATORS,
        RELATION_KEYS,
        FORMS,
        UNITS,
        AUDIENCES,
        get_args(ValueType),
        [*SegmentShape.model_fields, "match"],
        [*FileShape.model_fields, "segments"],
        DefaultsShape.model_fields,
        RefreshShape.model_fields,
        GuardShape.model_fields,
        IdentityShape.model_fields,
    ],
)
def test_every_word_is_documented(words):
    assert [word for word in words if not re.search(rf"`[^`\n]*\b{word}\b[^`\n]*`", PAGE)] == []


def test_links_within_the_docs_lead_somewhere():
    for page in [*(PROJECT / "docs").glob("*.md"), PROJECT / "DECISIONS.md"]:
        text = page.read_text(encoding="utf-8")
        anchors = {heading_anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
        for target in re.findall(r"\]\((?!https://)([^)\s]+)\)", text):
            path, _, anchor = target.partition("#")
            assert (page.parent / path).exists(), f"{page.name} links to {target}"
            assert path or anchor in anchors, f"{page.name} links to {target}"


def heading_anchor(heading: str) -> str:
    """What a heading is called in links."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
