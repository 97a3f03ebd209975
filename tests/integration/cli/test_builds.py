"""`segments build`: what it publishes, what stops it, and what it says then."""

import json
from datetime import UTC, datetime
from typing import Any

from maho_segments.services.lock import build_lock
from tests.integration.cli.conftest import Shell, published_as_of

BUILT = "select count(*) from segments.segment_runs where status = 'published'"


def test_build_reports_what_it_published(shop: Shell, demo_report: dict[str, Any]) -> None:
    query = """
        select
            segment_name,
            count(*) filter (where change = 'entered'),
            count(*) filter (where change = 'left')
        from segments.segment_membership_changes
        inner join segments.segments using (segment_id)
        where run_id = %s
        group by segment_name
    """
    assert demo_report["why"] == "it is the first build"
    segments = demo_report["segments"]
    reported = {segment["name"]: (segment["entered"], segment["left"]) for segment in segments}
    assert reported == {
        name: tuple(changes) for name, *changes in shop.database.rows(query, demo_report["run_id"])
    }
    assert all(segment["members"] == segment["entered"] for segment in segments)
    assert all(0 < segment["members"] < segment["audience"] for segment in segments)


def test_second_build_at_the_same_instant_changes_nobody(shop: Shell) -> None:
    changes = "select count(*), max(change_id) from segments.segment_membership_changes"
    before = shop.database.rows(changes)

    result = shop.run("build", "--as-of", published_as_of(shop))

    assert result.exit_code == 0
    assert shop.database.rows(changes) == before
    assert result.stdout == ""
    assert "segments with nobody entered or left" in result.stderr
    # Progress is talk.
    assert "profile_features" in result.stderr
    # Views follow by themselves: only a build by other code makes and tests them.
    assert "views and" not in result.stderr
    assert "0 entered, 0 left" in result.stderr


def test_invalid_definitions_build_nothing(shop: Shell) -> None:
    runs = shop.database.rows(BUILT)
    file = shop.project / "segments.yml"
    text = file.read_text()
    plan = (shop.project / "macros/segments/_generated/segment_plan.sql").read_text()
    file.write_text(text.replace("lifetime_sales:", "lifetime_sals:"))
    try:
        result = shop.run("build", "--json")
    finally:
        file.write_text(text)

    error = json.loads(result.stderr[result.stderr.index("{") :])["error"]
    assert result.exit_code == 2
    assert error["problems"]
    assert error["problems"][0]["allowed"][0] == "lifetime_sales"
    assert shop.database.rows(BUILT) == runs
    assert (shop.project / "macros/segments/_generated/segment_plan.sql").read_text() == plan


def test_second_build_says_who_holds_the_lock(shop: Shell) -> None:
    with build_lock(shop.database.settings, now=datetime(2026, 3, 31, 12, tzinfo=UTC)):
        result = shop.run("build")

    assert result.exit_code == 1
    assert "Another build is at work in schema segments" in result.stderr
    assert "since 2026-03-31T12:00:00Z" in result.stderr
