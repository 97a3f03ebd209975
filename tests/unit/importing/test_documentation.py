"""docs/importing.md shows what becomes of each condition."""

import re

import pytest

from maho_segments.importing import ImportOptions, attributes_text
from maho_segments.importing.conditions import TRANSLATORS
from maho_segments.importing.yaml_text import inline_text
from tests.databases import PROJECT
from tests.unit.importing.conftest import Importer, combination, leaf

PAGE = (PROJECT / "docs" / "importing.md").read_text(encoding="utf-8")
ROW = re.compile(r"\| `(\w+) (\S+) (.*)`( \(approximated\))? \| `(.*)` \|")


def rows() -> list[tuple[str, str, str, str, bool, str]]:
    """Type, attribute, operator, value, whether it is approximated, and the rule."""
    table = PAGE.partition("each condition: begin")[2].partition("each condition: end")[0]
    found = []
    for section in table.split("### ")[1:]:
        kind = section.split("`")[1]
        for attribute, operator, value, approximated, rule in ROW.findall(section):
            shown = "" if value == '""' else value
            found.append((kind, attribute, operator, shown, bool(approximated), rule))
    return found


@pytest.mark.parametrize(("kind", "attribute", "operator", "value", "is_near", "rule"), rows())
def test_condition_becomes_the_rule_that_is_shown(
    importer: Importer, kind: str, attribute: str, operator: str, value: str, is_near: bool, rule: str
) -> None:
    tree = combination(leaf(kind, attribute, operator, value))
    made = importer(tree, options=ImportOptions(approximate=is_near))

    assert inline_text(made.imported[0].definition["match"].value) == f"{{ {rule} }}"
    assert not is_near or importer(tree).refused


def test_every_condition_type_is_shown() -> None:
    assert {row[0] for row in rows()} == set(TRANSLATORS)
    assert len(rows()) > 90


def test_new_attributes_are_shown(importer: Importer) -> None:
    near, exact = ([row for row in rows() if row[4] is is_near] for is_near in (True, False))
    made = [
        importer(*(combination(leaf(*row[:4])) for row in some), options=ImportOptions(approximate=is_near))
        for some, is_near in ((exact, False), (near, True))
    ]
    shown = PAGE.partition("```yaml\n")[2].partition("```")[0]

    written = attributes_text({**made[0].attributes, **made[1].attributes})
    assert sorted(shown.splitlines()) == sorted(written.splitlines())
