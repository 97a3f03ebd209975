"""What a build and the doctor say of names that the shop does not have, and of several currencies."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from maho_segments.language import check_project, compile_plan
from maho_segments.services.doctor.shop import look_at_shop
from maho_segments.services.project import Workspace
from maho_segments.services.shop_names import note_unknown_names
from tests.databases import Database
from tests.integration.edges.conftest import Notes


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
        "No gender of the shop is called `Femal` (names_gender_misspelled).",
    ]
    assert [note for note in build_notes if note.startswith("No ")] == findings["names"]


@pytest.mark.parametrize(
    ("relation", "port", "found"),
    [
        ("segments_staging.gone", None, '"segments_staging.gone" does not exist'),
        ("unasked", 1, "nothing listens"),
    ],
)
def test_names_that_can_not_be_looked_up_are_no_failure(
    edges_project: Path, edges_database: Database, relation: str, port: int | None, found: str
) -> None:
    """The build is published by then."""
    plan = compile_plan(check_project(edges_project))
    settings = edges_database.settings
    lost = replace(settings, port=port) if port else settings
    notes = Notes()

    note_unknown_names(lost, plan, defaultdict(lambda: relation), notes)

    (note,) = notes.texts
    assert "can't be checked" in note
    assert found in note


def test_several_base_currencies_are_told(findings: dict[str, list[str]]) -> None:
    assert findings["currencies"] == [
        "websites have base currencies of their own (EUR, JPY), and amounts are not converted"
    ]
