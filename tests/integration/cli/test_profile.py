"""`segments profile`: somebody's segments, and when the clock alone changes them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from maho_segments.services.instants import format_instant
from tests.integration.cli.conftest import Shell, published_as_of

# Those whose birthday comes in ten to twenty days; birthday_week begins seven days before.
_BEFORE_BIRTHDAY = """
    select profile_id, email
    from segments.profiles
    where
        profile_type = 'customer' and is_active
        and to_char(birth_date, 'MMDD') in (
            select to_char(%s::timestamptz + make_interval(days => days), 'MMDD')
            from generate_series(10, 20) as days
        )
    order by profile_id
    limit 1
"""


@pytest.fixture(scope="module")
def celebrant(shop: Shell) -> tuple[int, str, dict[str, Any]]:
    """Somebody whose birthday comes, and what is said of them."""
    as_of = published_as_of(shop)
    profile_id, email = shop.database.rows(_BEFORE_BIRTHDAY, as_of)[0]
    return profile_id, email, shop.ask("profile", str(profile_id), "--as-of", as_of, "--until", "30d")


def is_member(shop: Shell, segment: str, profile_id: int, instant: datetime) -> bool:
    preview = shop.ask("preview", segment, "--as-of", format_instant(instant), "--limit", "1000000")
    return any(row["profile_id"] == profile_id for row in preview["sample"])


def test_clock_changes_segments_when_it_is_said(
    shop: Shell, celebrant: tuple[int, str, dict[str, Any]]
) -> None:
    profile_id, _, told = celebrant
    changes = [change for change in told["changes"] if change["segment"] == "birthday_week"]
    assert [change["change"] for change in changes] == ["entered", "left"]
    for change in changes:
        at = datetime.fromisoformat(change["at"])
        moments = [at - timedelta(seconds=1), at + timedelta(seconds=1)]
        found = [is_member(shop, "birthday_week", profile_id, moment) for moment in moments]
        assert found == [change["change"] == "left", change["change"] == "entered"]


def test_profile_has_the_segments_that_are_published(
    shop: Shell, celebrant: tuple[int, str, dict[str, Any]]
) -> None:
    profile_id, email, told = celebrant
    query = "select segment_name from segments.segment_members where profile_id = %s order by segment_name"
    assert [segment["name"] for segment in told["segments"]] == [
        name for (name,) in shop.database.rows(query, profile_id)
    ]
    assert (told["profile_id"], told["email"], told["unpublished"]) == (profile_id, email, [])
    result = shop.run("profile", email.upper(), "--as-of", published_as_of(shop))
    assert result.exit_code == 0, result.stderr
    assert f"profile {profile_id}, customer" in result.stdout
    entry = next(change["at"] for change in told["changes"] if change["segment"] == "birthday_week")
    assert f"would enter on {entry}, then leaves on " in result.stdout


@pytest.mark.parametrize("who", ["nobody@shop.example", "987654321", "9" * 30, "' or true --", ""])
def test_somebody_unknown_is_told(shop: Shell, who: str) -> None:
    result = shop.run("profile", who)
    assert result.exit_code == 1
    assert "Nobody in the warehouse has the" in result.stderr


def test_length_that_is_none_is_told(shop: Shell) -> None:
    result = shop.run("profile", "1", "--until", "soon")
    assert result.exit_code == 64
    assert "30d, 12h or 4w" in result.stderr
