"""Whom an incremental refresh looks at, and that it knows who is who as well as a full one."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import count

import pytest

from maho_segments.errors import BuildError
from tests.integration.refresh.live_shop import WHO_CHANGED, LiveShop
from tests.integration.refresh.people import CHANGES

_MERGES = {
    "visitor 101": {"merged"}, "customer 13": {"data"},
    "guest mia@old.example / 1": {"data"}, "guest mia@new.example / 1": {"merged"}, "customer 14": {"data"},
    "guest sue@shop.example / 1": {"data"}, "visitor 104": {"data"}, "customer 25": {"erased"},
    "guest tom@shop.example / 1": {"merged"}, "visitor 105": {"merged"}, "customer 26": {"data"},
    "guest uma@shop.example / 1": {"merged"}, "visitor 108": {"merged"}, "customer 29": {"data"},
}  # fmt: skip


@pytest.fixture(scope="module")
def days() -> Iterator[str]:
    """Noons, one after the other."""
    return (f"2026-{4 + day // 28:02}-{1 + day % 28:02}T12:00:00Z" for day in count())


def is_as_known_as_by_a_full_run(shop: LiveShop, as_of: str) -> bool:
    """Whether a full run at the same instant finds nothing to change; its pointers are those of this one."""
    known = shop.who_is_who()
    shop.refresh(as_of, mode="full", models=WHO_CHANGED)
    return shop.who_is_who() == known


def test_each_change_leads_to_whom_it_concerns(live_shop: LiveShop, days: Iterator[str]) -> None:
    assert live_shop.look(next(days)) == {}
    assert live_shop.scope()[0] == "full"
    wanted = defaultdict(set)
    for change in CHANGES.values():
        live_shop.execute(change.statements)
        for name, reasons in change.looked_at.items():
            wanted[name] |= reasons

    found = live_shop.look(today := next(days))

    assert live_shop.scope() == ("incremental", "changes since 2026-04-01 12:00:00 UTC")
    assert found == wanted
    assert is_as_known_as_by_a_full_run(live_shop, today)

    # The refresh itself logged who was merged, for segments that it did not refresh; then there is no news.
    assert live_shop.look(next(days)) == _MERGES
    assert live_shop.look(next(days)) == {}


def test_many_changes_are_found_by_reading_the_tables_once(live_shop: LiveShop, days: Iterator[str]) -> None:
    live_shop.execute("""
        update maho.customer_entity set email = 'mia@old.example' where entity_id = 14;
        update maho.sales_flat_order set customer_id = null where entity_id = 3;
        delete from maho.log_customer where visitor_id = 101;
        insert into maho.customer_entity (entity_id, website_id, email, created_at)
        values (61, 1, 'sue@shop.example', '2026-04-01');
        update maho.report_viewed_product_index set product_id = 1;
        update maho.sales_flat_order_payment set method = 'checkmo' where entity_id = 1;
        update maho.sales_flat_order_address set firstname = 'Q' where entity_id = 702;
        update maho.sales_flat_quote_item set qty = 7;
        update maho.catalog_category_entity set path = '1/2/5/4' where entity_id = 4;
    """)

    found = live_shop.look(today := next(days), variables={"lateral_limit": 0, "lookup_limit_percent": 0})

    assert live_shop.scope()[0] == "incremental"
    assert found == {
        "customer 13": {"data"}, "visitor 101": {"data"},
        "customer 14": {"data"}, "guest mia@old.example / 1": {"data", "merged"},
        "guest mia@new.example / 1": {"data"},
        "customer 15": {"data"}, "guest gus@shop.example / 1": {"data"},
        "customer 61": {"data"}, "guest sue@shop.example / 1": {"data", "merged"},
        "visitor 103": {"data"}, "customer 23": {"data"},
        "guest pam@shop.example / 2": {"data"}, "guest quinn@shop.example / 1": {"data"},
        "customer 28": {"data"},
    }  # fmt: skip
    assert is_as_known_as_by_a_full_run(live_shop, today)


def test_what_a_failed_refresh_found_is_news_to_the_next(live_shop: LiveShop, days: Iterator[str]) -> None:
    live_shop.look(next(days))
    live_shop.execute("""
        insert into maho.log_customer (log_id, visitor_id, customer_id, login_at)
        values (10, 102, 31, '2026-03-01');
        insert into maho.report_viewed_product_index (index_id, visitor_id, product_id, store_id, added_at)
        values (3, 110, 2, 1, '2026-03-01');
    """)
    wanted = {"visitor 102": {"data", "merged"}, "customer 31": {"data"}, "visitor 110": {"data"}}
    news = """
        select bool_and(has_news), bool_or(has_news) from segments_work.changed_profiles
    """

    live_shop.refresh(next(days), models=WHO_CHANGED[:5])
    assert live_shop.scope()[0] == "incremental"
    live_shop.refresh(today := next(days), models=WHO_CHANGED)
    assert live_shop.changed() == wanted
    assert live_shop.rows(news) == [(True, True)]
    assert is_as_known_as_by_a_full_run(live_shop, today)

    # The features were worked out, the segments not published.
    published = "select name, pointer::text from segments_work.refresh_pointers where name = 'features'"
    live_shop.execute("""
        update segments_work.refresh_pointers as features
        set pointer = profiles.pointer
        from segments_work.refresh_pointers as profiles
        where features.name = 'features' and profiles.name = 'profiles'
    """)
    before = live_shop.rows(published)
    live_shop.refresh(next(days), models=WHO_CHANGED)
    assert live_shop.changed() == wanted
    assert live_shop.rows(news) == [(False, False)]
    assert live_shop.rows(published) == before


def test_the_clock_and_audits_name_profiles(live_shop: LiveShop, days: Iterator[str]) -> None:
    live_shop.look(next(days))
    known = {name: profile_id for profile_id, name in live_shop.names().items()}
    today, tomorrow = next(days), next(days)
    live_shop.look(today)
    due = {"customer 40": f"'{today}'", "customer 41": f"timestamptz '{today}' - interval '1 microsecond'"}
    rows = [f"({known[name]}, {at}, '2026-01-01')" for name, at in due.items()]
    rows.append(f"({known['customer 42']}, null, timestamptz '{today}' + interval '1 hour')")
    rows.append(f"({known['customer 43']}, '{tomorrow}', '{today}')")
    live_shop.execute(
        "insert into segments_work.profile_clocks (profile_id, next_change_at, renewed_at) values "
        + ", ".join(rows)
        + "; insert into segments_capture.change_log (kind, id, source) "
        + f"values ('repair', {known['customer 44']}, 'audit')"
    )

    # An answer may differ after `next_change_at`; what another segment's run has met is news to this one.
    woken = {"customer 41": {"clock"}, "customer 42": {"clock"}}
    assert live_shop.look(today) == {**woken, "customer 44": {"repair"}}
    query = "select bool_or(has_news) from segments_work.changed_profiles where reasons = '{clock}'"
    assert live_shop.rows(query) == [(False,)]
    assert live_shop.look(tomorrow) == {**woken, "customer 40": {"clock"}}
    live_shop.execute("delete from segments_work.profile_clocks")


def test_many_erasures_are_refused(live_shop: LiveShop, days: Iterator[str]) -> None:
    live_shop.look(next(days))
    before = live_shop.who_is_who()
    pointers = "select name, pointer::text from segments_work.refresh_pointers order by name"
    pointed = live_shop.rows(pointers)
    for number in range(31, 51):
        live_shop.execute(f"delete from maho.customer_entity where entity_id = {number}")

    with pytest.raises(BuildError, match="20 of 49 customers, where at most 10 % are expected"):
        live_shop.refresh(next(days), models=WHO_CHANGED)

    assert live_shop.scope()[0] == "incremental"
    assert live_shop.who_is_who()["segments.profiles"] == before["segments.profiles"]
    assert live_shop.rows(pointers) == pointed
    found = live_shop.look(today := next(days), variables={"accept_erasures": True})
    assert [reasons for reasons in found.values() if reasons == {"erased"}] == [{"erased"}] * 20
    assert is_as_known_as_by_a_full_run(live_shop, today)
