"""Every shipped segment has exactly the members that the reference evaluator finds in the shop's raw rows."""

from datetime import datetime
from typing import Any

import pytest
from psycopg import sql
from psycopg.rows import dict_row

from maho_segments.language import check_project
from maho_segments.language.rules import Condition
from tests.databases import Database
from tests.integration.cli.conftest import Shell
from tests.reference import Evaluation, ProfileKey, Shop, evaluate


def raw_rows(database: Database) -> Shop:
    """All tables of the shop as they stand in its schema."""
    with database.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        tables = cursor.execute("select tablename from pg_tables where schemaname = 'maho'").fetchall()
        return {
            table["tablename"]: cursor.execute(
                sql.SQL("select * from maho.{}").format(sql.Identifier(table["tablename"]))
            ).fetchall()
            for table in tables
        }


def profile_keys(database: Database) -> dict[ProfileKey, int]:
    """The ids of all identities."""
    query = (
        "select profile_id, profile_type, customer_id, website_id, email, visitor_id"
        " from segments_work.profile_identities"
    )
    parts = {"customer": slice(0, 1), "guest": slice(1, 3), "visitor": slice(3, 4)}
    return {
        (kind, *identity[parts[kind]]): profile_id for profile_id, kind, *identity in database.rows(query)
    }


def evaluated(shop: Shell) -> Evaluation:
    """The shop at its published instant, as the reference sees it."""
    ids = profile_keys(shop.database)

    def is_in_control_group(condition: Condition, profile: ProfileKey) -> bool:
        assert condition.name == "control_group"
        return ids[profile] * 7919 % 100 < int(str(condition.arguments["percent"]))

    as_of: datetime = shop.database.rows("select max(as_of) from segments.segment_runs")[0][0]
    return evaluate(check_project(shop.project), raw_rows(shop.database), as_of, is_in_control_group)


@pytest.fixture(scope="module")
def evaluation(shop: Shell) -> Evaluation:
    """The demo shop as the reference sees it."""
    return evaluated(shop)


def test_everybody_is_known_and_is_who_the_reference_says(shop: Shell, evaluation: Evaluation) -> None:
    keys = {profile_id: key for key, profile_id in profile_keys(shop.database).items()}
    query = "select profile_id, merged_into_profile_id from segments.profiles"
    found = {keys[profile]: keys.get(merged) for profile, merged in shop.database.rows(query)}

    assert found == {key: profile.merged_into for key, profile in evaluation.profiles.items()}


def test_members_are_those_of_the_reference(shop: Shell, evaluation: Evaluation) -> None:
    keys = {profile_id: key for key, profile_id in profile_keys(shop.database).items()}
    query = "select segment_name, profile_id from segments.segment_members"
    found: dict[str, set[ProfileKey]] = {name: set() for name in evaluation.members}
    for name, profile_id in shop.database.rows(query):
        found[name].add(keys[profile_id])

    differences: dict[str, Any] = {
        name: {"only in the warehouse": found[name] - members, "only in the reference": members - found[name]}
        for name, members in evaluation.members.items()
        if found[name] != members
    }
    assert differences == {}
