"""A small shop that changes from day to day, and what each build made of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from maho_segments.language import check_project, compile_plan, write_plan
from maho_segments.services.dbt import DbtProject
from maho_segments.services.progress import Silence

if TYPE_CHECKING:
    from tests.integration.cli.conftest import Shell

SHOP = """
    create schema maho;
    create table maho.core_website (
        website_id smallint primary key, code text, name text, is_default smallint
    );
    insert into maho.core_website values (0, 'admin', 'Admin', 0), (1, 'base', 'Main', 1), (2, 'us', 'US', 0);
    create table maho.core_store (store_id smallint primary key, code text, website_id smallint, name text);
    insert into maho.core_store values (0, 'admin', 0, 'Admin'), (1, 'en', 1, 'English'), (2, 'us', 2, 'US');
    create table maho.core_config_data (scope text, scope_id integer, path text, value text);
    create table maho.customer_entity (
        entity_id integer primary key, website_id smallint, email text, store_id smallint default 1,
        created_at timestamp default '2026-02-01'
    );
    create table maho.sales_flat_order (
        entity_id integer primary key generated always as identity, customer_id integer, customer_email text,
        store_id smallint default 1, state text default 'complete', customer_dob text,
        created_at timestamp default '2026-02-02'
    );
    create table maho.sales_flat_quote (
        entity_id integer primary key, customer_id integer, customer_email text, store_id smallint default 1,
        created_at timestamp default '2026-02-02', updated_at timestamp default '2026-02-02'
    );
    create table maho.newsletter_subscriber (
        subscriber_id integer primary key, customer_id integer default 0, subscriber_email text,
        store_id smallint default 1, subscriber_status smallint default 1
    );
    create table maho.log_visitor (
        visitor_id bigint primary key, store_id smallint default 1,
        first_visit_at timestamp default '2026-02-01'
    );
    create table maho.log_customer (
        log_id integer primary key generated always as identity, visitor_id bigint, customer_id integer,
        login_at timestamp default '2026-02-03'
    );
    create table maho.log_quote (quote_id integer, visitor_id bigint);
    create table maho.report_viewed_product_index (index_id integer, visitor_id bigint, added_at text);
    create table maho.report_event (
        event_id bigint primary key generated always as identity, event_type_id smallint default 1,
        subject_id bigint, subtype smallint default 1, object_id integer default 1,
        store_id smallint default 1, logged_at timestamp default '2026-02-01'
    );
"""

BUYERS = "buyers: { audience: everyone, match: { orders: {} } }"
LOOKERS = "lookers: { audience: everyone, match: { product_views: {} } }"
EVERYBODY = "everybody: { audience: everyone, match: { profile_type: [customer, guest, visitor] } }"
PAUSED = "paused: { audience: everyone, match: { profile_type: [customer, guest, visitor] } }"
REMOVED = "removed: { audience: everyone, match: { profile_type: [customer, guest, visitor] } }"


class Profile(NamedTuple):
    """A row of `profiles`."""

    profile_type: str
    email: str | None
    website_id: int
    customer_id: int | None
    visitor_id: int | None
    merged_into: int | None


class Change(NamedTuple):
    """A row of `segment_membership_changes`, with the day of the month instead of the instant."""

    segment: str
    profile_id: int
    change: str
    reason: str
    day: int


@dataclass(frozen=True)
class Day:
    """What was published, and whose the shop's rows were, after a day's build."""

    erased_count: int  # of the latest run that was published
    profiles: dict[int, Profile]
    members: dict[str, dict[int, int]]  # by segment: the website of each member
    changes: list[Change]
    history: list[tuple[Any, ...]]
    sizes: dict[tuple[str, int], tuple[int, ...]]  # by segment and day: members, entered, left, erased
    erased: dict[int, int]  # the day of each erased profile
    owned: dict[int, dict[str, int]]

    def one(self, **facts: object) -> int:
        """The id of the one profile of which that is true."""
        found = [
            number for number, profile in self.profiles.items() if facts.items() <= profile._asdict().items()
        ]
        assert len(found) == 1, (facts, found)
        return found[0]

    def segments_of(self, profile_id: int) -> set[str]:
        """The segments that a profile is in."""
        return {segment for segment, members in self.members.items() if profile_id in members}

    def changes_of(self, profile_id: int) -> list[tuple[str, str, str, int]]:
        """The entries and exits of a profile: segment, change, reason, day."""
        return [
            (segment, change, reason, day)
            for segment, number, change, reason, day in self.changes
            if number == profile_id
        ]


@dataclass
class Calendar:
    """The shop, a build of it each day, and what the builds published."""

    shell: Shell
    dbt: DbtProject
    days: dict[int, Day] = field(default_factory=dict)

    def define(self, *segments: str, identity: str = "join") -> None:
        """Write segments.yml, and what dbt reads of it."""
        lines = ["version: 1", f"identity: {{ guest_orders: {identity} }}", "segments:"]
        text = "\n".join([*lines, *(f"  {segment}" for segment in segments), ""])
        project = self.shell.project
        (project / "segments.yml").write_text(text)
        write_plan(project, compile_plan(check_project(project)))
        self.dbt.parse()

    def build(self, day: int, changes: str, *, full_refresh: bool = False) -> None:
        """Change the shop, build it as of noon of that day of March, and remember what was published.

        In one process of dbt, and without its tests: that is quicker.
        """
        self.shell.database.execute(changes)
        variables = {"as_of": instant(day)}
        self.dbt.build(variables=variables, full_refresh=full_refresh, with_tests=False, progress=Silence())
        self.days[day] = self.published()

    def published(self) -> Day:
        """What is published now."""
        rows = self.shell.database.rows
        members: dict[str, dict[int, int]] = defaultdict(dict)
        for segment, profile_id, website_id in rows(
            "select segment_name, profile_id, website_id from segments.segment_memberships "
            "inner join segments.segments using (segment_id)"
        ):
            members[segment][profile_id] = website_id
        owned: dict[int, dict[str, int]] = defaultdict(dict)
        for relation in ("orders", "carts", "product_views"):
            query = f"select profile_id, count(*) from segments_relations.{relation} group by profile_id"
            for profile_id, count in rows(query):
                owned[profile_id][relation] = count
        return Day(
            erased_count=rows(
                "select erased_count from segments.segment_runs where status = 'published' "
                "order by run_id desc limit 1"
            )[0][0],
            profiles={
                number: Profile(*facts)
                for number, *facts in rows(
                    "select profile_id, profile_type, email, website_id, customer_id, visitor_id, "
                    "merged_into_profile_id from segments.profiles"
                )
            },
            members=members,
            changes=[
                Change(*row)
                for row in rows(
                    "select segment_name, profile_id, change, reason, "
                    "extract(day from changed_at at time zone 'UTC')::integer "
                    "from segments.segment_membership_changes "
                    "inner join segments.segments using (segment_id) order by change_id"
                )
            ],
            history=rows(
                "select * from segments.segment_membership_history "
                "order by segment_id, profile_id, entered_at"
            ),
            sizes={
                (segment, day): tuple(counts)
                for segment, day, *counts in rows(
                    "select segment_name, extract(day from size_date)::integer, sizes.member_count, "
                    "sizes.entered_count, sizes.left_count, sizes.erased_count "
                    "from segments.segment_sizes as sizes inner join segments.segments using (segment_id)"
                )
            },
            erased=dict(
                rows(
                    "select profile_id, extract(day from erased_at at time zone 'UTC')::integer "
                    "from segments.erased_profiles"
                )
            ),
            owned=owned,
        )


def instant(day: int) -> str:
    """Noon of that day of March."""
    return f"2026-03-{day:02}T12:00:00Z"


def live(shell: Shell) -> Calendar:
    """The whole story: who everybody is, and what happens to them, is said where it happens."""
    shell.database.execute(SHOP)
    calendar = Calendar(shell, DbtProject(shell.project, shell.database.settings, shell.environ))

    calendar.define(EVERYBODY, BUYERS, LOOKERS, PAUSED, REMOVED)
    calendar.build(
        1,
        """
        -- A crowd, so that a few who go are few.
        insert into maho.customer_entity (entity_id, website_id, email)
        select id, 1, 'crowd' || id || '@shop.example' from generate_series(1001, 1040) as ids (id);
        insert into maho.customer_entity (entity_id, website_id, email) values
            (12, 1, 'leo@shop.example'), (14, 1, 'mia@old.example'), (15, 1, 'ana@shop.example'),
            (17, 1, 'sam@shop.example'), (18, 1, 'paul@shop.example'), (19, 1, 'eve@shop.example');
        insert into maho.sales_flat_order (customer_id, customer_email, store_id) values
            (null, 'gus@shop.example', 1), (null, 'mia@old.example', 1), (null, 'mia@new.example', 1),
            (null, 'ana@shop.example', 1), (null, 'sam@shop.example', 1), (null, 'sam@shop.example', 2),
            (null, 'paul@shop.example', 1), (19, 'eve@shop.example', 1), (null, 'fay@shop.example', 1),
            (null, 'kim@shop.example', 1), (null, E'  KIM@shop.example\\t', 1),
            (null, E'\\u00a0Kim@Shop.Example\\u200b', 1);
        insert into maho.newsletter_subscriber (subscriber_id, subscriber_email)
        values (1, 'erin@shop.example');
        insert into maho.log_visitor (visitor_id) values (101), (102), (103);
        insert into maho.report_event (subject_id) values (101), (102), (103);
        insert into maho.sales_flat_quote (entity_id, customer_id) values (1, 0);
        insert into maho.log_quote values (1, 102);
        """,
    )
    calendar.build(
        2,
        """
        -- Vera, until now visitor 101, checks out as a guest; Leo, visitor 102, logs in.
        insert into maho.sales_flat_quote (entity_id, customer_email) values (2, 'vera@shop.example');
        insert into maho.log_quote values (2, 101);
        insert into maho.sales_flat_order (customer_email) values ('vera@shop.example');
        insert into maho.log_customer (visitor_id, customer_id) values (102, 12);
        -- Gus makes an account, and the shop gives it his order.
        insert into maho.customer_entity (entity_id, website_id, email) values (13, 1, 'Gus@shop.example');
        update maho.sales_flat_order set customer_id = 13 where customer_email = 'gus@shop.example';
        -- Ana's account is deleted, and she makes a new one.
        delete from maho.customer_entity where entity_id = 15;
        insert into maho.customer_entity (entity_id, website_id, email) values (16, 1, 'ana@shop.example');
        -- Mia has another address.
        update maho.customer_entity set email = 'mia@new.example' where entity_id = 14;
        """,
    )
    calendar.define(
        EVERYBODY, BUYERS, LOOKERS, PAUSED.replace("{", "{ active: false,", 1), identity="keep_apart"
    )
    calendar.build(3, "select 'guests are kept apart, one segment is switched off, one removed'")
    calendar.define(EVERYBODY, BUYERS, LOOKERS, PAUSED.replace("{", "{ active: false,", 1))
    calendar.build(
        4,
        """
        -- Vera makes an account. Mia's moves to the other website.
        insert into maho.customer_entity (entity_id, website_id, email) values (11, 1, 'Vera@shop.example ');
        update maho.customer_entity set website_id = 2 where entity_id = 14;
        -- Accounts serve all websites.
        insert into maho.core_config_data values ('default', 0, 'customer/account_share/scope', '0');
        """,
    )
    calendar.build(
        5,
        """
        update maho.core_config_data set value = '1' where path = 'customer/account_share/scope';
        -- The shop deletes accounts: orders lose them; log and carts do not care.
        delete from maho.customer_entity where entity_id in (11, 12, 13, 19);
        update maho.sales_flat_order set customer_id = null where customer_id = 13;
        -- Of Eve, Erin and visitor 103 nothing is left.
        delete from maho.sales_flat_order where customer_id = 19;
        delete from maho.newsletter_subscriber;
        delete from maho.log_visitor where visitor_id = 103;
        -- Whoever has the highest id is gone too: a visitor of this build, and then of no other.
        insert into maho.log_visitor (visitor_id) values (104);
        insert into maho.report_event (subject_id) values (104);
        """,
    )
    calendar.build(
        6,
        """
        delete from maho.log_visitor where visitor_id = 104;
        insert into maho.customer_entity (entity_id, website_id, email, created_at) values
            (20, 1, 'zoe@shop.example', '2026-02-01'),
            -- Fay's account is of the day after tomorrow. Erin is back.
            (21, 1, 'fay@shop.example', '2026-03-08 10:00:00');
        insert into maho.newsletter_subscriber (subscriber_id, subscriber_email)
        values (2, 'erin@shop.example');
        """,
    )
    calendar.build(8, "select 'time passes'", full_refresh=True)
    return calendar
