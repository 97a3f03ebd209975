"""What is said of a segment's size, what is tried again, and where links lead: without a database."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg
import pytest
import yaml

from maho_segments.errors import BuildLockedError, DefinitionsError, SegmentsError, WarehouseError
from maho_segments.services.dbt import DbtError
from maho_segments.services.refresh.selection import Choice
from maho_segments.services.segment_states import Move, SegmentState
from orchestration.assets.refresh import RefreshConfig, Wanted, plan_choice
from orchestration.assets.segments import DefinedSegment, segment_key, segment_specs
from orchestration.failing import MOST_RETRIES, plan_retry
from orchestration.metadata import judge_size, segment_checks, segment_event
from orchestration.references import Source, pages_of

PUBLISHED = SegmentState("vip", "published", None, 100, 3, 1, None, None, None)


@pytest.mark.parametrize(
    ("members", "past", "is_usual"),
    [
        (0, [], True),
        (1000, [100] * 4, True),
        (110, [100] * 5, True),
        (111, [100] * 5, False),
        (89, [100] * 5, False),
        # A segment that comes and goes may.
        (200, [100, 80, 120, 140, 60], True),
        (301, [100, 80, 120, 140, 60], False),
        (0, [5] * 28, True),
    ],
)
def test_a_size_is_unusual_far_from_what_it_used_to_be(members: int, past: list[int], is_usual: bool) -> None:
    assert judge_size(members, past).is_usual is is_usual


def test_a_segment_that_is_not_published_is_observed_and_its_guard_failed() -> None:
    held = replace(PUBLISHED, status="held", reason="90 % of its members would leave")
    assert isinstance(segment_event(PUBLISHED), dg.AssetMaterialization)
    assert isinstance(segment_event(held), dg.AssetObservation)
    guard, size = segment_checks(held)
    assert not guard.passed
    assert guard.description == "It is held: 90 % of its members would leave"
    assert "segments release vip" in str(guard.metadata["what_to_do"].value)
    assert size.passed
    guard, _ = segment_checks(replace(PUBLISHED, status="held", reason="it refers to gold, which is held"))
    assert str(guard.metadata["what_to_do"].value).startswith("See the guard of gold")


def test_an_unusual_size_is_told_in_words_and_first_of_all_what_to_do() -> None:
    _, size = segment_checks(replace(PUBLISHED, members=1300, past_sizes=(100,) * 5))
    assert not size.passed
    assert size.description == "It has 1,300 members; by the last 5 days from 90 to 110 members are usual."
    assert next(iter(size.metadata)) == "what_to_do"
    _, new = segment_checks(replace(PUBLISHED, past_sizes=(100,)))
    assert new.passed
    assert new.description == "What is usual is known after 5 days, of which there are 1."


def test_who_moved_is_a_table_that_says_why() -> None:
    at = datetime(2026, 3, 31, 12, tzinfo=UTC)
    moved = replace(PUBLISHED, latest_entries=(Move(7, at, "data"),), latest_exits=(Move(8, at, "clock"),))
    table = str(segment_event(moved).metadata["latest_moves"].value)
    assert table.splitlines()[2:] == [
        "| entered | 7 | 2026-03-31 12:00 | the shop's rows |",
        "| left | 8 | 2026-03-31 12:00 | time alone |",
    ]


def spec_of(folder: Path, **more: Any) -> dg.AssetSpec:
    """The asset of a segment."""
    plan: dict[str, Any] = {
        "name": "early",
        "label": "Früh",
        "description": "Before others.",
        "owner": None,
        "tags": [],
        "audience": ["customer", "guest"],
        "time_zone": "Europe/Berlin",
        "refresh": {"manual": False, "on_change": True, "schedule": "0 5 * * *"},
        "references": [],
        "definition": {},
        "definition_hash": "c0ffee",
        **more,
    }
    segment = DefinedSegment(plan, "Customers for whom this is true:\n- e-mail is set", 3)
    (spec,) = segment_specs([segment], Source(folder), dg.AssetKey("segment_memberships"))
    return spec


def test_a_segment_is_described_in_words_and_shown_as_it_is_written(tmp_path) -> None:
    definition = {"label": "Früh", "tags": ["a"], "match": {"email": {"matches": "^```"}}}
    spec = spec_of(tmp_path, tags=["a"], definition=definition)
    assert spec.description is not None
    assert spec.description.startswith("**Früh**\n\nBefore others.\n\nCustomers for whom")
    metadata = spec.metadata
    assert metadata["refresh"] == (
        "when something changes, and on the schedule 0 5 * * * by the clock of Europe/Berlin"
    )
    block = str(metadata["definition"].value).split("\n", 1)[1].rsplit("\n", 1)[0]
    assert yaml.safe_load(block) == {"early": definition}


@pytest.mark.parametrize(
    "owner", ["crm@shop.example", "Marketing", "o'neil@shop.example", "crm@acme.marketing"]
)
def test_any_owner_and_tag_of_the_language_is_one_for_dagster(tmp_path, owner: str) -> None:
    spec = spec_of(tmp_path, owner=owner, tags=["", "früh am Tag"])
    assert [one.removeprefix("team:") for one in spec.owners] == [owner]
    assert "fr_h_am_Tag" in spec.tags


@pytest.mark.parametrize(
    "error",
    [
        BuildLockedError("Another build is at work"),
        psycopg.OperationalError("server closed the connection unexpectedly"),
        WarehouseError("No PostgreSQL server answers at db, port 5432: connection refused."),
        WarehouseError("The embedded warehouse does not run: nothing listens in /srv/shop/.warehouse."),
        WarehouseError("The server can't be used: database shop is not currently accepting connections"),
        DbtError("model orders (models/orders.sql): deadlock detected"),
    ],
)
def test_what_passes_is_tried_again_each_time_later_and_not_for_ever(error: Exception) -> None:
    delays = [plan_retry(error, attempt).retry_in for attempt in range(MOST_RETRIES + 1)]
    assert delays == [10, 20, 40, 80, 160, None]


@pytest.mark.parametrize(
    "error",
    [
        DefinitionsError([]),
        SegmentsError("No segment is named 'vipp'."),
        WarehouseError("The server at db, port 5432 does not accept user u with the password given."),
        DbtError('model orders (models/orders.sql): column "nonsense" does not exist'),
        ValueError("a defect"),
    ],
)
def test_what_a_person_has_to_mend_is_not_tried_again(error: Exception) -> None:
    assert plan_retry(error, 0).retry_in is None


def test_what_is_selected_is_refreshed_unless_something_is_configured() -> None:
    vip, model = segment_key("vip"), dg.AssetKey("segment_memberships")
    assert plan_choice(RefreshConfig(), Wanted({vip}, ()), 2) == Choice(names=("vip",))
    assert plan_choice(RefreshConfig(due=True), Wanted({vip}, ()), 2) == Choice(due=True)
    # All of them, or a model: as if nothing was chosen, which leaves the manual ones as they are.
    assert plan_choice(RefreshConfig(), Wanted({vip}, ()), 1) == Choice()
    assert plan_choice(RefreshConfig(), Wanted({vip, model}, ()), 2) == Choice()


@pytest.mark.parametrize(
    ("remote", "pages"),
    [
        ("git@github.com:shop/segments.git", "https://github.com/shop/segments/blob/c0ffee"),
        (
            "https://u:p@gitlab.example.org/a/b/segments",
            "https://gitlab.example.org/a/b/segments/-/blob/c0ffee",
        ),
        ("ssh://git@git.example.org:2222/a/b.git", "https://git.example.org/a/b/blob/c0ffee"),
        ("/srv/git/segments.git", None),
        ("../segments", None),
    ],
)
def test_pages_of_a_repository_are_found_by_its_remote(remote: str, pages: str | None) -> None:
    assert pages_of(remote, "c0ffee") == pages


def test_a_link_leads_to_the_line(tmp_path) -> None:
    (url,) = Source(tmp_path, "https://github.com/a/b/blob/c").link("segments.yml", 7).code_references
    (file,) = Source(tmp_path).link("segments.yml", 7).code_references
    assert isinstance(url, dg.UrlCodeReference)
    assert url.url == "https://github.com/a/b/blob/c/segments.yml#L7"
    assert isinstance(file, dg.LocalFileCodeReference)
    assert (file.file_path, file.line_number) == (str(tmp_path / "segments.yml"), 7)
