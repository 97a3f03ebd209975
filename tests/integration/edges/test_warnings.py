"""What the doctor says of a shop at the edges: names that it does not have, and its several currencies."""

from pathlib import Path

import pytest

from maho_segments.services.doctor.shop import look_at_shop
from maho_segments.services.project import Workspace
from tests.databases import Database


@pytest.fixture(scope="module")
def findings(
    members: dict[tuple[str, str], dict[str, set[str]]], edges_project: Path, edges_database: Database
) -> dict[str, list[str]]:
    """What was found, by its subject."""
    assert members
    workspace = Workspace(edges_project, edges_database.environ)
    found: dict[str, list[str]] = {}
    with edges_database.connect() as connection:
        for finding in look_at_shop(workspace, connection, edges_database.settings):
            found.setdefault(finding.subject, []).append(finding.found)
    return found


def test_names_that_the_shop_does_not_have_are_told(findings: dict[str, list[str]]) -> None:
    users = "names_website_misspelled, names_website_misspelled_ne"
    assert findings["names"] == [
        f"No website of the shop is called `tokio` ({users}). Did you mean `tokyo`?",
        "No store of the shop is called `berlin_veiw` (names_order_misspelled). Did you mean `berlin_view`?",
    ]


def test_several_base_currencies_are_told(findings: dict[str, list[str]]) -> None:
    assert findings["currencies"] == [
        "websites have base currencies of their own (EUR, JPY), and amounts are not converted"
    ]
