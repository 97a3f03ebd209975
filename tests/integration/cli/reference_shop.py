"""A built shop beside what the reference evaluator says of its raw rows."""

from datetime import datetime
from typing import Any

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


def profile_keys(database: Database) -> dict[int, ProfileKey]:
    """Who each profile is, also those who are gone."""
    query = (
        "select profile_id, profile_type, customer_id, website_id, email, visitor_id"
        " from segments_work.profile_identities"
    )
    parts = {"customer": slice(0, 1), "guest": slice(1, 3), "visitor": slice(3, 4)}
    return {profile: (kind, *identity[parts[kind]]) for profile, kind, *identity in database.rows(query)}


def evaluated(shop: Shell) -> Evaluation:
    """The shop at its published instant, as the reference sees it."""
    ids = {key: profile_id for profile_id, key in profile_keys(shop.database).items()}

    def is_in_control_group(condition: Condition, profile: ProfileKey) -> bool:
        assert condition.name == "control_group"
        return ids[profile] * 7919 % 100 < int(str(condition.arguments["percent"]))

    as_of: datetime = shop.database.rows("select max(as_of) from segments.segment_runs")[0][0]
    return evaluate(check_project(shop.project), raw_rows(shop.database), as_of, is_in_control_group)


def merges(shop: Shell) -> dict[ProfileKey, ProfileKey | None]:
    """Whom each profile turned out to be, by the warehouse."""
    keys = profile_keys(shop.database)
    query = "select profile_id, merged_into_profile_id from segments.profiles"
    return {keys[profile]: keys.get(merged) for profile, merged in shop.database.rows(query)}


def differences(shop: Shell, evaluation: Evaluation) -> dict[str, Any]:
    """The segments whose members the warehouse and the reference do not agree on, and who these are."""
    keys = profile_keys(shop.database)
    found: dict[str, set[ProfileKey]] = {name: set() for name in evaluation.members}
    for name, profile_id in shop.database.rows(
        "select segment_name, profile_id from segments.segment_members"
    ):
        found[name].add(keys[profile_id])
    return {
        name: {"only in the warehouse": found[name] - members, "only in the reference": members - found[name]}
        for name, members in evaluation.members.items()
        if found[name] != members
    }
