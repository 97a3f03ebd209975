"""What a build and the doctor say of names that the shop does not have, and of several currencies."""

from pathlib import Path

import pytest

from maho_segments.services.doctor.shop import look_at_shop
from maho_segments.services.project import Workspace
from tests.databases import Database


@pytest.fixture(scope="module")
def findings(build_notes: list[str], edges_project: Path, edges_database: Database) -> dict[str, list[str]]:
    """What was found after the build, by its subject."""
    del build_notes
    workspace = Workspace(edges_project, edges_database.environ)
    found: dict[str, list[str]] = {}
    with edges_database.connect() as connection:
        for finding in look_at_shop(workspace, connection, edges_database.settings):
            found.setdefault(finding.subject, []).append(finding.found)
    return found


def test_names_that_the_shop_does_not_have_are_told(
    findings: dict[str, list[str]], build_notes: list[str]
) -> None:
    users = "names_website_misspelled, names_website_misspelled_ne"
    store_users = "names_order_misspelled, names_order_of_item_misspelled"
    assert findings["names"] == [
        f"No website of the shop is called `tokio` ({users}). Did you mean `tokyo`?",
        f"No store of the shop is called `berlin_veiw` ({store_users}). Did you mean `berlin_view`?",
    ]
    assert [note for note in build_notes if note.startswith("No ")] == findings["names"]


def test_several_base_currencies_are_told(findings: dict[str, list[str]]) -> None:
    assert findings["currencies"] == [
        "websites have base currencies of their own (EUR, JPY), and amounts are not converted"
    ]
