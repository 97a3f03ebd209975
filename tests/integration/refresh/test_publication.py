"""What a refresh publishes: the chosen segments and no others, all of a segment or nothing, and why."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from maho_segments.warehouse import EmbeddedServer, read_settings
from tests.databases import PROJECT, new_database
from tests.integration.refresh.live_shop import LiveShop
from tests.projects import copy_project

SHOP = """
insert into maho.core_website (website_id, code, name, is_default) values (1, 'base', 'Main', 1);
insert into maho.core_store (store_id, code, website_id, name) values (1, 'en', 1, 'English');
insert into maho.customer_entity (entity_id, website_id, email, store_id, group_id, created_at)
select id, 1, 'c' || id || '@shop.example', 1, 1, '2026-01-01' from generate_series(1, 10) as ids (id);
insert into maho.sales_flat_order
    (entity_id, increment_id, customer_id, customer_email, store_id, state, base_grand_total, created_at)
select id, id::text, id, 'c' || id || '@shop.example', 1, 'complete', 100, '2026-02-01'
from generate_series(1, 5) as ids (id);
-- Many that no segment counts.
insert into maho.sales_flat_order
    (entity_id, increment_id, customer_id, customer_email, store_id, state, base_grand_total, created_at)
select id, id::text, 1, 'c1@shop.example', 1, 'complete', 0, '2020-01-01'
from generate_series(1001, 2000) as ids (id);
"""
BIG = "  big: { match: { orders: { sum: { grand_total: { gte: 100 } } } } }\n"
VIP = "  vip: { match: { segment: big, email: { is_set: true } } }\n"
FRESH = "  fresh: { match: { orders: { within: 100 days } } }\n"
EVERYTHING = BIG + VIP + FRESH

_PUBLICATIONS = """
    select segment_name, publications.*
    from segments_work.segment_publications as publications
    inner join segments_work.segment_definitions using (segment_id)
"""
_CHANGES = """
    select segment_name, customer_id::integer, change, changes.reason
    from segments.segment_membership_changes as changes
    inner join segments.segments using (segment_id)
    inner join segments.profiles using (profile_id)
    where run_id = (select max(run_id) from segments.segment_runs)
    order by 1, 2, 3
"""
_MEMBERS = """
    select segment_name, array_agg(customer_id::integer order by customer_id)
    from segments.segment_members
    group by segment_name
"""
# Each row's version beside its key: another one where it was written.
_VERSIONS = (
    "select segment_id, profile_id, memberships.xmin::text from segments.segment_memberships as memberships"
)


def days_from(year: int, month: int, day: int) -> Iterator[str]:
    """Noons, one after the other."""
    first = datetime(year, month, day, 12, tzinfo=UTC)
    return ((first + timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%SZ") for number in count())


class Publishing(LiveShop):
    """The live shop, and what was published of it."""

    days: Iterator[str]

    def publish(self, *segments: str, **variables: Any) -> str:
        """Refresh a day later; the run's instant. It was incremental, and left the tables in order."""
        as_of = next(self.days)
        self.refresh(as_of, variables={"segments": list(segments), **variables})
        assert self.run("mode") == "incremental", self.run("why")
        assert self.rows(f"{_VERSIONS} where website_id <> 1") == []
        ids = "array_agg(segment_id order by segment_id)"
        long = f"select profile_id, {ids} from segments.segment_memberships group by 1"
        arrays = "select profile_id, segment_ids from segments_work.profile_segments"
        assert self.rows(f"({long} except {arrays}) union all ({arrays} except {long})") == []
        counts = "select segment_id, count(*) from segments.segment_memberships group by 1"
        kept = (
            "select segment_id, member_count from segments_work.segment_publications where member_count > 0"
        )
        assert self.rows(f"({counts} except {kept}) union all ({kept} except {counts})") == []
        return as_of

    def run(self, column: str) -> Any:
        """A figure of the last run."""
        return self.rows(f"select {column} from segments.segment_runs order by run_id desc limit 1")[0][0]

    def publication(self, name: str, *columns: str) -> tuple[Any, ...]:
        """What is published of a segment."""
        chosen = ", ".join(columns)
        return self.rows(
            f"select {chosen} from ({_PUBLICATIONS}) as publications where segment_name = '{name}'"
        )[0]

    def changes(self) -> list[tuple[Any, ...]]:
        """The last run's entries and exits: segment, customer, change, reason."""
        return self.rows(_CHANGES)

    def members(self) -> dict[str, list[int]]:
        """The customers in each segment that has any."""
        return dict(self.rows(_MEMBERS))

    def tables_with(self, text: str, *, column: str | None = None) -> set[str]:
        """The tables and views made of the shop that have this, in a column of that name or anywhere."""
        tables = self.rows(f"""
            select format('%I.%I', table_schema, table_name)
            from information_schema.columns
            where table_schema ~ '^(segments|audiences)'
            group by 1
            having {f"bool_or(column_name = '{column}')" if column else True}
        """)
        is_there = f"{column}::text = '{text}'" if column else f"strpos(any_row::text, '{text}') > 0"
        rows = "select from {} as any_row where {} limit 1"
        return {table for (table,) in tables if self.rows(rows.format(table, is_there))}

    def order(self, number: int, customer: int, created_at: str = "2026-03-01", total: int = 100) -> None:
        """A customer orders."""
        self.execute(f"""
            insert into maho.sales_flat_order (
                entity_id, increment_id, customer_id, customer_email, store_id, state, base_grand_total,
                created_at
            )
            values (
                {number}, '{number}', {customer}, 'c{customer}@shop.example', 1, 'complete', {total},
                '{created_at}'
            )
        """)


@pytest.fixture(scope="module")
def made(embedded_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Publishing]:
    """A shop of ten customers, five of whom ordered, built and captured."""
    own = {"SEGMENTS_WAREHOUSE_DIR": str(embedded_server.status().data_dir.parent)}
    with new_database(read_settings(PROJECT, own), own) as database:
        shop = Publishing(copy_project(tmp_path_factory.mktemp("publishing")), database)
        shop.make(SHOP, EVERYTHING, "2026-03-01T12:00:00Z")
        shop.days = days_from(2026, 3, 2)
        # The first refresh after the capture has to look at everybody.
        shop.refresh(next(shop.days))
        yield shop


@pytest.fixture
def shop(made: Publishing) -> Publishing:
    """The shop with its three segments published."""
    if (made.folder / "segments.yml").read_text().split("segments:\n")[1] != EVERYTHING:
        made.define(EVERYTHING)
    made.publish()
    return made


def test_only_the_chosen_segments_are_published(shop: Publishing) -> None:
    before = shop.publication("fresh", "pointer::text", "as_of", "member_count")
    shop.order(106, 6)
    as_of = shop.publish("vip")
    # What it refers to is brought along, so that parent and child agree.
    assert shop.changes() == [("big", 6, "entered", "data"), ("vip", 6, "entered", "data")]
    assert shop.run("published_count") == 2
    assert shop.publication("fresh", "pointer::text", "as_of", "member_count") == before
    pointers = "pointer::text", f"as_of = '{as_of}'", "status"
    assert shop.publication("big", *pointers) == shop.publication("vip", *pointers)
    assert shop.publication("big", *pointers)[1:] == (True, "published")
    # It is still news to the other segment, and to that one only.
    shop.publish("fresh")
    assert shop.changes() == [("fresh", 6, "entered", "data")]
    shop.publish()
    assert shop.changes() == []
    assert shop.run("looked_at") == {}


def test_an_edited_segment_is_asked_of_everybody_and_the_others_are_left_alone(shop: Publishing) -> None:
    versions = set(shop.rows(_VERSIONS))
    shop.define(BIG + VIP + FRESH.replace("100 days", "20 days"))
    shop.publish()
    assert {(name, *rest) for name, _, *rest in shop.changes()} == {("fresh", "left", "definition")}
    fresh = shop.publication("fresh", "segment_id")[0]
    assert {row for row in versions if row[0] != fresh} == {
        row for row in shop.rows(_VERSIONS) if row[0] != fresh
    }


def test_a_removed_or_inactive_segment_ends_once_and_comes_back_as_itself(shop: Publishing) -> None:
    members, number = shop.members(), shop.publication("vip", "segment_id")
    shop.define(BIG + FRESH.replace("{ match", "{ active: false, match"))
    # Whatever is chosen: who is in a segment that is none any more is in nothing.
    shop.publish("big")
    ended = [(name, one, "left", "definition") for name in ("fresh", "vip") for one in members[name]]
    assert shop.changes() == ended
    assert shop.members() == {"big": members["big"]}
    shop.publish()
    assert shop.changes() == []
    shop.define(EVERYTHING)
    shop.publish()
    assert shop.changes() == [(name, one, "entered", "definition") for name, one, *_ in ended]
    assert shop.publication("vip", "segment_id") == number
    stays = "select count(*), count(left_at) from segments.segment_membership_history where segment_id = "
    assert shop.rows(f"{stays}{number[0]}") == [(2 * len(members["vip"]), len(members["vip"]))]


def test_a_held_segment_keeps_its_members_until_it_is_released(shop: Publishing) -> None:
    shop.define(BIG.replace("{ match", "{ guard: { max_change_percent: 10 }, match") + VIP + FRESH)
    members = shop.members()
    before = shop.publication("big", "pointer::text", "as_of", "definition_hash", "member_count", "run_id")
    shop.order(107, 7)
    shop.publish()
    assert shop.changes() == [("fresh", 7, "entered", "data")]
    assert shop.run("status") == "published"
    assert shop.run("held_segments") == ["big", "vip"]
    reason = f"1 entries and exits, where its {len(members['big'])} members may change by 10 %"
    assert shop.publication("big", "status", "held_reason") == ("held", reason)
    assert shop.publication("vip", "status", "held_reason") == ("held", "it refers to big, which is held")
    assert shop.rows("select status, status_reason from segments.segments where segment_name = 'big'") == [
        ("held", reason)
    ]
    assert (
        shop.publication("big", "pointer::text", "as_of", "definition_hash", "member_count", "run_id")
        == before
    )
    assert shop.members() == {**members, "fresh": [*members["fresh"], 7]}
    # Nothing happened since, and yet it is judged again.
    shop.publish("vip")
    assert shop.run("status") == "held"
    assert shop.changes() == []
    shop.execute("update segments_work.segment_publications set accepted_at = now() where status = 'held'")
    shop.publish()
    assert shop.changes() == [("big", 7, "entered", "data"), ("vip", 7, "entered", "data")]
    assert shop.publication("big", "status", "held_reason", "accepted_at") == ("published", None, None)


def test_a_segment_whose_guard_is_broken_at_first_is_never_published(shop: Publishing) -> None:
    shop.define(EVERYTHING + "  few: { guard: { max_members: 3 }, match: { segment: big } }\n")
    shop.publish()
    status, reason, as_of = shop.publication("few", "status", "held_reason", "as_of")
    assert (status, as_of) == ("held", None)
    assert reason.endswith("members, where at most 3 are expected")
    assert "few" not in shop.members()


def test_a_segment_that_fails_is_left_out_with_those_that_refer_to_it(shop: Publishing) -> None:
    members = shop.members()
    shop.order(109, 9)
    shop.publish(failed_segments={"big": "invalid regular expression in somebody@shop.example"})
    assert shop.changes() == [("fresh", 9, "entered", "data")]
    assert shop.run("failed_segments") == ["big", "vip"]
    assert shop.publication("big", "status", "error") == ("failed", "invalid regular expression in (address)")
    assert shop.publication("vip", "status", "error") == ("failed", "it refers to big, which failed")
    assert {name: shop.members()[name] for name in ("big", "vip")} == {
        name: members[name] for name in ("big", "vip")
    }
    shop.publish()
    assert shop.changes() == [("big", 9, "entered", "data"), ("vip", 9, "entered", "data")]
    assert shop.publication("big", "status", "error") == ("published", None)


def test_a_segment_that_everybody_would_leave_is_held(shop: Publishing) -> None:
    members = shop.members()["big"]
    guards = {"emptied_from": 3, "source_shrink_percent": 0, "stale_sources": False}
    shop.execute("update maho.sales_flat_order set base_grand_total = base_grand_total - 1000")
    shop.publish(guards=guards)
    assert shop.changes() == []
    assert shop.publication("big", "held_reason") == (f"none of its {len(members)} members would be left",)
    shop.execute("update maho.sales_flat_order set base_grand_total = base_grand_total + 1000")
    shop.publish(guards=guards)
    assert (shop.changes(), shop.run("held_segments")) == ([], None)


def test_suspicious_tables_of_the_shop_hold_all_segments(shop: Publishing) -> None:
    guards = {"emptied_from": 0, "source_shrink_percent": 50, "stale_sources": False}
    shop.order(110, 10)
    shop.execute("delete from maho.sales_flat_order where entity_id > 1400")
    shop.publish(guards=guards)
    assert (shop.changes(), shop.run("status")) == ([], "held")
    (reason,) = {shop.publication(name, "held_reason")[0] for name in ("big", "vip", "fresh")}
    assert reason.startswith("the shop's table sales_flat_order has 4")
    assert " rows left of 1,0" in reason
    # A refresh without news has no rows to count for its own sake, and releases nobody.
    shop.publish(guards=guards)
    assert (shop.changes(), shop.run("status")) == ([], "held")
    assert shop.publication("big", "held_reason") == (reason,)
    shop.execute("update segments_work.segment_publications set accepted_at = now()")
    shop.publish(guards=guards)
    assert {change[1:] for change in shop.changes()} == {(10, "entered", "data")}
    # The newest account is of no known time.
    shop.publish(guards={**guards, "stale_sources": True})
    assert shop.run("status") == "held"
    assert (
        "customer_entity is missing, older than the 7 days agreed"
        in shop.publication("big", "held_reason")[0]
    )


def test_who_is_erased_leaves_every_segment_at_once(shop: Publishing) -> None:
    ((profile,),) = shop.rows("select profile_id from segments.profiles where customer_id = 5")
    before = shop.publication("fresh", "pointer::text", "as_of")
    # What the log has of others stays: `fresh` has not read it yet.
    shop.execute(
        "insert into maho.customer_entity_varchar (entity_id, attribute_id, value) values (4, 10, 'x')"
    )
    shop.execute("delete from maho.sales_flat_order where customer_id = 5")
    shop.execute("delete from maho.customer_entity where entity_id = 5")
    shop.publish("big")
    assert (shop.run("erased_count"), shop.run("left_count")) == (1, 3)
    assert shop.tables_with("c5@shop.example") == set()
    assert shop.tables_with("5", column="customer_id") == set()
    assert shop.tables_with(str(profile), column="profile_id") == {
        "segments.erased_profiles",
        "segments_work.profile_identities",
        "segments_work.changed_profiles",
    }
    keys = "select id from %s where kind = 'customer'"
    assert shop.rows(keys % "segments_capture.change_log") == [(4,)]
    assert shop.rows(keys % "segments_work.changed_keys") == [(4,)]
    assert shop.publication("fresh", "pointer::text", "as_of") == before
    erased = "select erased_count from segments.segment_sizes where erased_count > 0"
    assert shop.rows(erased) == [(1,), (1,), (1,)]

    # Who came and went between two refreshes was never anybody.
    subscriber = "insert into maho.newsletter_subscriber (subscriber_id, subscriber_email) values (1, '{}')"
    shop.execute(subscriber.format("brief@shop.example"))
    shop.execute("delete from maho.newsletter_subscriber")
    assert shop.tables_with("brief@shop.example") == {"segments_capture.change_log"}
    shop.publish("big")
    assert (shop.run("erased_count"), shop.tables_with("brief@shop.example")) == (0, set())


def test_a_renamed_segment_goes_on(shop: Publishing) -> None:
    number, versions = shop.publication("fresh", "segment_id"), set(shop.rows(_VERSIONS))
    shop.define(BIG + VIP + FRESH.replace("fresh: {", "recent: { renamed_from: [never, fresh],"))
    shop.publish()
    assert shop.changes() == []
    assert (shop.publication("recent", "segment_id"), set(shop.rows(_VERSIONS))) == (number, versions)
    shop.define(BIG + VIP + FRESH.replace("fresh: {", "fresh: { renamed_from: recent,"))
    shop.publish()
    assert (shop.publication("fresh", "segment_id"), shop.changes()) == (number, [])


def test_the_clock_wakes_whom_it_changes_for_each_group(shop: Publishing) -> None:
    clock = "select next_change_at, renewed_at from segments_work.profile_clocks where profile_id = 1"
    ((leaves_at, renewed_at),) = shop.rows(clock)
    # A hundred days after the order of the first of February.
    assert str(leaves_at) == "2026-05-12 00:00:00+00:00"
    shop.days = days_from(2026, 5, 12)
    as_of = shop.publish("vip")
    assert shop.changes() == []
    ((next_change_at, renewed_at),) = shop.rows(clock)
    assert (next_change_at, renewed_at.isoformat()) == (None, as_of.replace("Z", "+00:00"))
    shop.publish("fresh")
    assert ("fresh", 1, "left", "clock") in shop.changes()
    assert {change[2:] for change in shop.changes()} == {("left", "clock")}
    assert set(shop.run("looked_at")) == {"clock"}
