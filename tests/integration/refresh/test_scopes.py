"""What a refresh looks at: everybody wherever it is not certain that changes are known, and why."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.integration.refresh.live_shop import WHO_CHANGED, LiveShop
from tests.integration.refresh.people import SEGMENTS

SCOPE = WHO_CHANGED[:2]


@pytest.fixture(scope="module")
def days() -> Iterator[str]:
    """Noons, one after the other."""
    return (f"2026-04-{day:02}T12:00:00Z" for day in count(1))


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
    shop.execute("alter table maho.sales_flat_order enable trigger all")
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
    assert why_all(shop, next(days)) == "the segment buyers was not refreshed since changes are captured"
    assert why_all(shop, next(days), variables={"segments": ["lookers"]}) is None

    # Edited, it is evaluated for everybody whatever changed; the others need not be.
    shop.execute(f"update segments_work.segment_publications set definition_hash = 'old' where {of_buyers}")
    assert why_all(shop, next(days)) is None
    shop.execute("delete from segments_work.refresh_pointers where name = 'features'")
    assert why_all(shop, next(days)) == "the table features was not refreshed since changes are captured"


def test_the_oldest_instant_counts(shop: LiveShop, days: Iterator[str]) -> None:
    shop.execute("""
        update segments_work.segment_publications set as_of = '2026-03-05 12:00Z'
        where segment_id = (select min(segment_id) from segments_work.segment_publications)
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
