"""What a refresh looks at: everybody wherever it is not certain that changes are known, and why."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.integration.refresh.live_shop import WHO_CHANGED, LiveShop
from tests.integration.refresh.people import SEGMENTS

SCOPE = WHO_CHANGED[:2]
NOT_SINCE = "was not refreshed by this code since changes are captured"


@pytest.fixture(scope="module")
def days() -> Iterator[str]:
    """Noons, one after the other."""
    return (f"2026-{4 + day // 28:02}-{1 + day % 28:02}T12:00:00Z" for day in count())


@pytest.fixture
def shop(live_shop: LiveShop, days: Iterator[str]) -> LiveShop:
    """The live shop, refreshed so that the next refresh can be incremental."""
    live_shop.look(next(days))
    live_shop.refresh(next(days), models=SCOPE)
    assert live_shop.scope()[0] == "incremental"
    return live_shop


def why_all(shop: LiveShop, as_of: str, **options: object) -> str | None:
    """Why a refresh would look at everybody; None where it would not."""
    shop.refresh(as_of, models=SCOPE, **options)  # type: ignore[arg-type]
    mode, why = shop.scope()
    assert shop.rows("select news_since is null from segments_work.refresh_scope") == [(mode == "full",)]
    return why if mode == "full" else None


def test_who_asks_for_everybody_gets_everybody(shop: LiveShop, days: Iterator[str]) -> None:
    assert why_all(shop, next(days), mode="full") == "a full refresh was asked for"


def test_what_may_concern_everybody_does(shop: LiveShop, days: Iterator[str]) -> None:
    shop.execute("""
        insert into maho.core_config_data (scope, scope_id, path, value)
        values ('default', 0, 'customer/account_share/scope', '0')
    """)
    assert why_all(shop, next(days)) == "everybody may be concerned: maho.core_config_data"
    shop.execute("insert into segments_capture.change_log (kind, source) values ('moon', 'elsewhere')")
    assert why_all(shop, next(days)) == "everybody may be concerned: elsewhere, maho.core_config_data"


def test_what_is_not_captured_may_have_changed(shop: LiveShop, days: Iterator[str]) -> None:
    shop.execute("alter table maho.sales_flat_order disable trigger all")
    assert why_all(shop, next(days)) == "changes of the shop's tables are not captured"
    shop.dbt.operate("install_capture")
    # Nobody knows what was written meanwhile.
    assert "not captured all the time" in str(why_all(shop, next(days)))


def test_guests_count_in_another_way(shop: LiveShop, days: Iterator[str]) -> None:
    shop.define(SEGMENTS, guest_orders="keep_apart")
    assert "guests count in another way" in str(why_all(shop, next(days)))
    shop.define(SEGMENTS)
    assert why_all(shop, next(days)) is None


def test_an_earlier_instant_looks_at_everybody(shop: LiveShop) -> None:
    assert why_all(shop, "2026-03-31T12:00:00Z") == "it is for an instant before that of the last refresh"


def test_each_segment_has_its_own_pointer(shop: LiveShop, days: Iterator[str]) -> None:
    buyers = "select segment_id from segments_work.segment_definitions where segment_name = 'buyers'"
    of_buyers = f"segment_id = ({buyers})"
    shop.execute(f"update segments_work.segment_publications set pointer = null where {of_buyers}")
    assert why_all(shop, next(days)) == f"the segment buyers {NOT_SINCE}"
    assert why_all(shop, next(days), variables={"segments": ["lookers"]}) is None

    # Edited, it is evaluated for everybody whatever changed; the others need not be.
    shop.execute(f"update segments_work.segment_publications set definition_hash = 'old' where {of_buyers}")
    assert why_all(shop, next(days)) is None
    shop.execute("delete from segments_work.refresh_pointers where name = 'features'")
    assert why_all(shop, next(days)) == f"the table features {NOT_SINCE}"


def test_the_oldest_instant_counts(shop: LiveShop, days: Iterator[str]) -> None:
    shop.execute("""
        update segments_work.segment_publications set as_of = '2026-03-05 12:00Z'
        where segment_id = (select max(segment_id) from segments_work.segment_publications)
    """)
    shop.refresh(next(days), models=SCOPE)
    assert shop.scope() == ("incremental", "changes since 2026-03-05 12:00:00 UTC")


def test_a_model_run_by_itself_looks_at_everybody_and_moves_no_pointer(
    shop: LiveShop, days: Iterator[str]
) -> None:
    pointers = "select name, pointer::text from segments_work.refresh_pointers order by name"
    before = shop.rows(pointers)
    shop.execute(
        "insert into maho.customer_entity_varchar (entity_id, attribute_id, value) values (12, 10, 'B')"
    )
    shop.execute("update segments.profiles set first_name = 'nobody' where customer_id = 33")

    shop.refresh(next(days), models=["profiles"])

    assert shop.rows("select first_name from segments.profiles where customer_id = 33") == [(None,)]
    assert shop.rows(pointers) == before


def test_clocks_tell_what_changed_for_a_day(shop: LiveShop, days: Iterator[str]) -> None:
    clocks = {"variables": {"change_capture": "clocks"}}
    shop.dbt.operate("remove_capture")
    full = next(days)
    assert shop.look(full, **clocks) == {}
    assert shop.scope()[0] == "full"
    shop.execute(f"""
        update maho.customer_entity set group_id = 2, updated_at = timestamp '{full}' + interval '1 hour'
        where entity_id = 34;
        insert into maho.log_customer (log_id, visitor_id, customer_id, login_at)
        values (11, 109, 35, timestamp '{full}' + interval '2 hours');
        update maho.customer_entity set group_id = 2, updated_at = '2026-01-01' where entity_id = 36
    """)

    found = shop.look(full.replace("T12", "T20"), **clocks)

    assert shop.scope() == ("incremental", f"changes since {full[:10]} 12:00:00 UTC")
    assert found == {"customer 34": {"data"}, "customer 35": {"data"}, "visitor 109": {"data", "merged"}}
    # It does not go further back than `capture_lookback`; what was merged is in the log none the less.
    shop.look(full.replace("T12", "T23"), **clocks)
    assert shop.changed() == {"customer 35": {"data"}, "visitor 109": {"merged"}}
    next(days)
    shop.look(next(days), **clocks)
    why = "clocks do not tell everything, and the last full refresh was too long ago"
    assert shop.scope() == ("full", why)
    # What is written before that instant has come looks older than such a refresh.
    shop.refresh("2126-01-01T12:00:00Z", models=SCOPE, **clocks)
    assert shop.scope() == ("full", "clocks do not tell what changes until an instant that is yet to come")
    assert shop.rows("select capture_key from segments_work.refresh_scope") == [(None,)]
