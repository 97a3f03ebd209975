"""The tests of members leave nothing out that the importer writes."""

import pytest

from maho_segments.importing import ImportOptions
from maho_segments.importing.values import OPERATORS
from tests.integration.importing.trees import APPROXIMATE, EXACT
from tests.unit.importing.conftest import FACTS, Importer, combination, leaf
from tests.unit.importing.test_documentation import rows

CASES = {
    (kind, attribute): EXACT.get(kind, {}).get(attribute, []) + APPROXIMATE.get(kind, {}).get(attribute, [])
    for table in (EXACT, APPROXIMATE)
    for kind, attributes in table.items()
    for attribute in attributes
}
"""Operators and values whose members are compared, by type and attribute."""
LISTS = {"==": "()", "!=": "!()"}
VALUES = ["1", "1,2", "2026-03-01", "a", *FACTS.genders, *FACTS.skus, *FACTS.categories, "5", "7,7"]


def compared(kind: str, attribute: str) -> set[str]:
    return {
        LISTS[operator] if isinstance(value, list) else operator for operator, value in CASES[kind, attribute]
    }


def test_members_of_every_attribute_are_compared() -> None:
    assert {(kind, attribute) for kind, attribute, *_ in rows()} <= set(CASES)


@pytest.mark.parametrize(("kind", "attribute"), CASES)
def test_operator_whose_members_are_not_compared_is_refused(
    importer: Importer, kind: str, attribute: str
) -> None:
    others = sorted(OPERATORS - compared(kind, attribute))
    trees = [combination(leaf(kind, attribute, operator, value)) for operator in others for value in VALUES]

    made = importer(*trees, options=ImportOptions(approximate=True))

    assert not made.imported
    known = importer(
        *(combination(leaf(kind, attribute, "==", value)) for value in VALUES),
        options=ImportOptions(approximate=True),
    )
    assert known.imported, "none of the values can be imported at all"
