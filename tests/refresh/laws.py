"""What holds of the published tables after any refresh, and of what a full one finds in them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from tests.reference.evaluation import Evaluation
from tests.refresh.refreshing import RefreshWarehouse

_LAWS = {
    "profile_segments say what segment_memberships say": """
        select profile_id, listed.segment_ids, kept.segment_ids
        from (
            select profile_id, array_agg(segment_id order by segment_id) as segment_ids
            from segments.segment_memberships
            group by profile_id
        ) as listed
        full join segments_work.profile_segments as kept using (profile_id)
        where listed.segment_ids is distinct from kept.segment_ids
    """,
    "the open stays of the history are the memberships": """
        select segment_id, profile_id, kept.entered_at, stays.entered_at
        from segments.segment_memberships as kept
        full join (
            select * from segments.segment_membership_history where left_at is null
        ) as stays using (segment_id, profile_id)
        where kept.entered_at is distinct from stays.entered_at
    """,
    "entries and exits alternate, in time": """
        select segment_id, profile_id, change_id, change, changed_at, run_id
        from (
            select
                *,
                lag(change, 1, 'left') over stays as change_before,
                lag(changed_at) over stays as changed_before
            from segments.segment_membership_changes
            window stays as (partition by segment_id, profile_id order by change_id)
        ) as changes
        where change = change_before or changed_at < changed_before
    """,
    "the changes, replayed, are the memberships": """
        select segment_id, profile_id, replayed.entered_at, kept.entered_at
        from (
            select
                segment_id,
                profile_id,
                (array_agg(changed_at order by change_id desc))[1] as entered_at,
                (array_agg(change order by change_id desc))[1] as change
            from segments.segment_membership_changes
            group by segment_id, profile_id
        ) as replayed
        full join segments.segment_memberships as kept using (segment_id, profile_id)
        where (replayed.change = 'entered') is distinct from (kept.profile_id is not null)
            or (kept.profile_id is not null and replayed.entered_at <> kept.entered_at)
    """,
    "stays do not overlap": """
        select one.*, other.entered_at as other_entered_at
        from segments.segment_membership_history as one
        inner join segments.segment_membership_history as other using (segment_id, profile_id)
        where one.entered_at < other.entered_at and (one.left_at is null or one.left_at > other.entered_at)
    """,
    "a profile enters or leaves a segment once in a run": """
        select segment_id, profile_id, run_id, count(*)
        from segments.segment_membership_changes
        group by segment_id, profile_id, run_id
        having count(*) > 1
    """,
    "the counts of segments are those of their members": """
        select segment_id, publications.member_count, counted.member_count
        from (
            select segment_id, count(*) as member_count from segments.segment_memberships group by segment_id
        ) as counted
        full join segments_work.segment_publications as publications using (segment_id)
        where coalesce(counted.member_count, 0) <> coalesce(publications.member_count, 0)
    """,
    "sizes by day add up to the members": """
        select segment_id, sum(sizes.entered_count - sizes.left_count), min(publications.member_count)
        from segments.segment_sizes as sizes
        inner join segments_work.segment_publications as publications using (segment_id)
        group by segment_id
        having sum(sizes.entered_count - sizes.left_count) <> min(publications.member_count)
            or (array_agg(sizes.member_count order by size_date desc))[1] <> min(publications.member_count)
    """,
    "the ledger counts the entries of each run": """
        select run_id, runs.entered_count, counted.entered_count
        from segments.segment_runs as runs
        left join (
            select run_id, count(*) filter (where change = 'entered') as entered_count
            from segments.segment_membership_changes
            group by run_id
        ) as counted using (run_id)
        where status = 'published' and coalesce(counted.entered_count, 0) > runs.entered_count
    """,
    "published runs go forward in time": """
        select run_id, as_of, before
        from (
            select run_id, as_of, lag(as_of) over (order by run_id) as before
            from segments.segment_runs
            where status = 'published'
        ) as runs
        where as_of < before
    """,
    "members and changes are of segments that were published": """
        select segment_id from segments.segment_memberships
        union
        select segment_id from segments.segment_membership_changes
        except
        select segment_id from segments_work.segment_publications
    """,
    "nobody has two identities": """
        select profile_type, customer_id, website_id, email, visitor_id, count(*)
        from segments_work.profile_identities
        where erased_at is null
        group by profile_type, customer_id, website_id, email, visitor_id
        having count(*) > 1
    """,
}

# Of a refresh of all segments.
_LAWS_OF_ALL = {
    "members are profiles of their own, with their website": """
        select segment_id, profile_id, memberships.website_id, profiles.website_id, merged_into_profile_id
        from segments.segment_memberships as memberships
        left join segments.profiles using (profile_id)
        left join segments_work.segment_publications as publications using (segment_id)
        where profiles.profile_id is null
            -- A held or failed segment keeps whom it has.
            or (merged_into_profile_id is not null and publications.status = 'published')
            or memberships.website_id is distinct from profiles.website_id
    """,
    "the last run's ledger counts its entries exactly": """
        select run_id, runs.entered_count, counted.entered_count
        from (
            select * from segments.segment_runs where status = 'published' order by run_id desc limit 1
        ) as runs
        left join (
            select run_id, count(*) filter (where change = 'entered') as entered_count
            from segments.segment_membership_changes
            group by run_id
        ) as counted using (run_id)
        where coalesce(counted.entered_count, 0) <> runs.entered_count
    """,
    "everybody who is known is a profile": """
        select profile_id, identities.profile_type
        from segments_work.profile_identities as identities
        full join segments.profiles using (profile_id)
        where (identities.erased_at is null) <> (profiles.profile_id is not null)
    """,
}

_TABLES = {
    "profiles": "segments.profiles",
    # Of whom can be in a segment now: of others nobody asks before they change.
    "features": """(
        select features.*
        from segments_work.profile_features as features
        inner join segments.profiles as profiles on features.profile_id = profiles.profile_id
        where
            profiles.merged_into_profile_id is null
            and profiles.is_active
            and (
                profiles.created_at
                < (select max(as_of) from segments.segment_runs where status = 'published')
            ) is not false
    ) as features""",
    "memberships": "segments.segment_memberships",
    "changes": "segments.segment_membership_changes",
    "publications": "segments_work.segment_publications",
    "identities": "segments_work.profile_identities",
}
# Other after every publication; the features' clocks may lie further back than a full run finds them.
_CLOCKS = ("_flip_", "_arrival_")
_VOLATILE = {"pointer", "capture_key", "as_of", "published_at", "run_id", "entered_count", "left_count"}


class MismatchError(AssertionError):
    """A law that does not hold; `law` is its name."""

    def __init__(self, law: str, details: str) -> None:
        super().__init__(f"{law}: {details}")
        self.law = law


def check_tables(warehouse: RefreshWarehouse, *, is_of_all: bool) -> None:
    """Raises MismatchError where the published tables contradict each other."""
    laws = {**_LAWS, **(_LAWS_OF_ALL if is_of_all else {})}
    with warehouse.database.connect() as connection:
        for law, query in laws.items():
            rows = connection.execute(query.encode()).fetchmany(5)
            if rows:
                raise MismatchError(law, repr(rows))


def check_members(
    warehouse: RefreshWarehouse,
    as_of: datetime,
    selected: Collection[str] | None = None,
    kept: Collection[str] = (),
    reference: Evaluation | None = None,
) -> None:
    """Raises MismatchError where members of the selected segments, or of any, are not the reference's.

    Those that are `kept` have the members of an earlier run.
    """
    reference = reference or warehouse.reference(as_of)
    published = warehouse.published()
    for name, wanted in reference.members.items():
        found = published.get(name, frozenset())
        if found != wanted and name not in kept and (selected is None or name in selected):
            missing, surplus = sorted(wanted - found, key=repr), sorted(found - wanted, key=repr)
            raise MismatchError(
                "members are those of the reference", f"{name} lacks {missing} and has {surplus} besides"
            )
    if selected is None:
        gone = {name for name, members in published.items() if members} - reference.members.keys()
        if gone:
            raise MismatchError("members are those of the reference", f"{sorted(gone)} still have members")
        _check_people(warehouse, {key: one.merged_into for key, one in reference.profiles.items()})


def _check_people(warehouse: RefreshWarehouse, wanted: dict[Any, Any]) -> None:
    law = "everybody is who the reference says"
    query = """
        select
            people.profile_type, people.customer_id, people.website_id, people.email, people.visitor_id,
            owners.profile_type, owners.customer_id, owners.website_id, owners.email, owners.visitor_id
        from segments.profiles
        inner join segments_work.profile_identities as people using (profile_id)
        left join segments_work.profile_identities as owners
            on profiles.merged_into_profile_id = owners.profile_id
    """
    key = warehouse.profile_key
    found = {key(*row[:5]): key(*row[5:]) if row[5] else None for row in warehouse.database.rows(query)}
    for person, owner in wanted.items():
        if person not in found:
            # Who was logged in from the first moment never was anybody else.
            if person[0] != "visitor" or owner is None:
                raise MismatchError(law, f"{person} is not there")
        elif found[person] != owner:
            raise MismatchError(law, f"{person} is {found[person]}, and should be {owner}")
    # Who lost all rows to an account stays known, as that account.
    surplus = [person for person in found if person not in wanted and found[person] is None]
    if surplus:
        raise MismatchError(law, f"{surplus} are there besides")


def snapshot(warehouse: RefreshWarehouse) -> dict[str, set[str]]:
    """The rows of the tables that a full refresh at the same instant has to leave as they are."""
    found: dict[str, set[str]] = {}
    with warehouse.database.connect() as connection:
        for name, table in _TABLES.items():
            cursor = connection.execute(f"select * from {table}".encode())
            columns = [column.name for column in cursor.description or ()]
            kept = [
                place
                for place, column in enumerate(columns)
                if not any(clock in column for clock in _CLOCKS)
                and not (name == "publications" and column in _VOLATILE)
            ]
            kept.sort(key=lambda place: columns[place])
            found[name] = {repr([(columns[place], row[place]) for place in kept]) for row in cursor}
    return found


def check_same(before: dict[str, set[str]], after: dict[str, set[str]]) -> None:
    """Raises MismatchError where a full refresh changed a table."""
    for name, rows in before.items():
        if rows != after[name]:
            gone, come = sorted(rows - after[name])[:3], sorted(after[name] - rows)[:3]
            law = f"a full refresh leaves {name} as they are"
            raise MismatchError(law, f"without {gone}\nbut with {come}")
