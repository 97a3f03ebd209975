"""Each edge of the language: these are the members, and nobody else."""

import pytest

from tests.integration.edges.cases import Case
from tests.integration.edges.conftest import CASES


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.segment)
def test_members_are_these_and_nobody_else(
    members: dict[tuple[str, str], dict[str, set[str]]], case: Case
) -> None:
    found = members.get((case.as_of, case.segment), {}).get(case.topic, set())

    assert found == case.members, f"{case.match} as of {case.as_of}: {case.why}"
