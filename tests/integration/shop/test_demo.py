"""The demo shop in a real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from maho_segments.errors import ShopError
from maho_segments.shop.demo import generate, generate_shop, write_csv
from maho_segments.shop.load import load_folder
from tests.databases import Database
from tests.integration.shop.small_shop import contents

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)

# child table and column, parent table and column
LINKS = [
    ("core_store", "website_id", "core_website", "website_id"),
    ("customer_entity", "website_id", "core_website", "website_id"),
    ("customer_entity", "store_id", "core_store", "store_id"),
    ("customer_entity", "group_id", "customer_group", "customer_group_id"),
    ("customer_entity_varchar", "entity_id", "customer_entity", "entity_id"),
    ("customer_entity_int", "attribute_id", "eav_attribute", "attribute_id"),
    ("customer_address_entity", "parent_id", "customer_entity", "entity_id"),
    ("customer_address_entity_varchar", "entity_id", "customer_address_entity", "entity_id"),
    ("sales_flat_order", "customer_id", "customer_entity", "entity_id"),
    ("sales_flat_order", "store_id", "core_store", "store_id"),
    ("sales_flat_order", "billing_address_id", "sales_flat_order_address", "entity_id"),
    ("sales_flat_order_item", "order_id", "sales_flat_order", "entity_id"),
    ("sales_flat_order_item", "parent_item_id", "sales_flat_order_item", "item_id"),
    ("sales_flat_order_payment", "parent_id", "sales_flat_order", "entity_id"),
    ("sales_flat_creditmemo", "order_id", "sales_flat_order", "entity_id"),
    ("sales_flat_creditmemo_item", "order_item_id", "sales_flat_order_item", "item_id"),
    ("sales_flat_quote_item", "quote_id", "sales_flat_quote", "entity_id"),
    ("sales_flat_quote_item", "parent_item_id", "sales_flat_quote_item", "item_id"),
    ("sales_flat_quote_item", "product_id", "catalog_product_entity", "entity_id"),
    ("catalog_category_product", "category_id", "catalog_category_entity", "entity_id"),
    ("catalog_category_product", "product_id", "catalog_product_entity", "entity_id"),
    ("report_event", "object_id", "catalog_product_entity", "entity_id"),
    ("log_quote", "quote_id", "sales_flat_quote", "entity_id"),
    ("log_quote", "visitor_id", "log_visitor", "visitor_id"),
    ("log_customer", "customer_id", "customer_entity", "entity_id"),
    ("wishlist", "customer_id", "customer_entity", "entity_id"),
    ("wishlist_item", "wishlist_id", "wishlist", "wishlist_id"),
    ("salesrule_coupon", "rule_id", "salesrule", "rule_id"),
]

# What has to be so for every row: the query finds the exceptions.
ALWAYS = {
    "an order's rows add up to its subtotal": """
        select entity_id from maho.sales_flat_order
        inner join maho.sales_flat_order_item on order_id = entity_id
        where parent_item_id is null
        group by entity_id having sum(base_row_total) <> max(base_subtotal)
    """,
    "an order's parts add up to its total": """
        select entity_id from maho.sales_flat_order
        where base_grand_total
            <> base_subtotal + base_discount_amount + base_tax_amount + base_shipping_amount
    """,
    "a cart's rows add up to its subtotal": """
        select entity_id from maho.sales_flat_quote left join maho.sales_flat_quote_item
            on quote_id = entity_id and parent_item_id is null
        group by entity_id having coalesce(sum(base_row_total), 0) <> max(base_subtotal)
    """,
    "refunds are no more than the order": """
        select entity_id from maho.sales_flat_order where base_total_refunded > base_grand_total
    """,
    "closed orders are refunded whole": """
        select entity_id from maho.sales_flat_order
        where state = 'closed' and base_total_refunded is distinct from base_grand_total
    """,
    "nobody orders before registering": """
        select orders.entity_id from maho.sales_flat_order as orders
        inner join maho.customer_entity on orders.customer_id = customer_entity.entity_id
        where orders.created_at < customer_entity.created_at
    """,
    "carts that nobody touched for a month are gone": """
        select entity_id from maho.sales_flat_quote where updated_at < '2025-12-15 12:00'
    """,
    "children of configurable products are free": """
        select child.item_id from maho.sales_flat_order_item as child
        inner join maho.sales_flat_order_item as parent on child.parent_item_id = parent.item_id
        where parent.product_type = 'configurable' and child.base_row_total <> 0
    """,
}

# Behaviour that usual segments are about, by rough queries over the raw tables.
BEHAVIOUR = {
    "spends much": """
        select customer_id from maho.sales_flat_order
        where state not in ('canceled', 'closed') and customer_id is not null
        group by customer_id having sum(base_grand_total) > 5000 and count(*) > 10
    """,
    "sends back": """
        select customer_id from maho.sales_flat_order where customer_id is not null group by customer_id
        having sum(base_total_refunded) > 0.4 * sum(base_grand_total) and count(*) >= 3
    """,
    "hunts coupons": """
        select customer_id from maho.sales_flat_order where customer_id is not null and state <> 'canceled'
        group by customer_id having bool_and(coupon_code is not null) and count(*) >= 3
    """,
    "has birthday": """
        select entity_id from maho.customer_entity_datetime
        where to_char(value, 'MMDD') between '0115' and '0122'
    """,
    "left a dear cart": """
        select entity_id from maho.sales_flat_quote
        where is_active = 1 and base_grand_total > 200 and updated_at < '2026-01-15 11:00'
    """,
    "cart of nobody": """
        select visitor_id from maho.sales_flat_quote inner join maho.log_quote on quote_id = entity_id
        where customer_email is null and coalesce(customer_id, 0) = 0
    """,
    "guest in the checkout's form": """
        select entity_id from maho.sales_flat_quote
        inner join maho.sales_flat_quote_address on quote_id = entity_id
        where customer_email is null and coalesce(sales_flat_quote.customer_id, 0) = 0
    """,
    "guest again": """
        select lower(trim(customer_email)) from maho.sales_flat_order
        where customer_id is null group by 1 having count(*) > 1
    """,
    "guest who typed it otherwise": """
        select entity_id from maho.sales_flat_order where customer_email <> lower(trim(customer_email))
    """,
    "guest with an account": """
        select orders.entity_id from maho.sales_flat_order as orders
        inner join maho.core_store using (store_id)
        inner join maho.customer_entity on customer_entity.email = lower(trim(orders.customer_email))
            and customer_entity.website_id = core_store.website_id
        where orders.customer_id is null
    """,
    "same address on two websites": """
        select email from maho.customer_entity group by email having count(distinct website_id) > 1
    """,
    "inactive account": "select entity_id from maho.customer_entity where is_active = 0",
    "on weekends only": """
        select customer_id from maho.sales_flat_order inner join maho.core_store using (store_id)
        where customer_id is not null and website_id = 1 group by customer_id
        having count(*) > 1 and bool_and(
            extract(isodow from created_at at time zone 'UTC' at time zone 'Europe/Berlin') > 5
        )
    """,
    "present for somebody": """
        select bill.parent_id from maho.sales_flat_order_address as bill
        inner join maho.sales_flat_order_address as ship using (parent_id)
        where bill.address_type = 'billing' and ship.address_type = 'shipping'
            and bill.postcode <> ship.postcode
    """,
    "viewed laptops, never bought": """
        select subject_id from maho.report_event
        inner join maho.catalog_category_product on product_id = object_id
        inner join maho.catalog_category_entity_varchar as names
            on names.entity_id = category_id and names.value = 'laptops'
        where subtype = 0 and logged_at > '2026-01-08 12:00'
            and not exists (select from maho.sales_flat_order where customer_id = subject_id)
        group by subject_id having count(*) > 1
    """,
    "viewed before logging in": """
        select visitor_id from maho.report_viewed_product_index
        where visitor_id is not null and customer_id is not null
    """,
    "only in the index": """
        select customer_id from maho.report_viewed_product_index where visitor_id is null and not exists (
            select from maho.report_event
            where subtype = 0 and subject_id = customer_id and object_id = product_id
        )
    """,
    "wishes that grow old": """
        select wishlist_id from maho.wishlist_item group by wishlist_id
        having count(*) > 1 and max(added_at) < '2025-11-16'
    """,
    "kept last login": "select customer_id from maho.log_customer where login_at < '2025-07-01'",
    "reader without order": """
        select subscriber_id from maho.newsletter_subscriber where subscriber_status = 1 and customer_id = 0
    """,
    "product that is gone": """
        select item_id from maho.sales_flat_order_item
        where product_id not in (select entity_id from maho.catalog_product_entity)
    """,
}


def make(database: Database, customers: int, seed: int = 1, schema: str = "maho") -> dict[str, int]:
    with database.connect() as connection:
        return generate_shop(connection, customers=customers, seed=seed, now=NOW, schema=schema)


def test_files_hold_the_same_shop(database: Database, tmp_path: Path) -> None:
    rows = make(database, 120)
    assert write_csv(tmp_path, customers=120, seed=1, now=NOW) == rows
    with database.connect() as connection:
        report = load_folder(connection, tmp_path, schema="from_files")
    assert contents(database, "from_files") == contents(database)
    assert report.rows == sum(rows.values())
    assert not report.ignored_files
    assert not [note for note in report.notes() if "not known" in note]


def test_same_seed_same_shop_another_seed_another(database: Database) -> None:
    make(database, 60)
    first = contents(database)
    make(database, 60, seed=2)
    second = contents(database)
    make(database, 60)
    assert contents(database) == first
    same = {name for name in first if first[name] == second[name]}
    assert "core_website" in same
    assert not same & {
        "customer_entity",
        "sales_flat_order",
        "sales_flat_order_item",
        "report_event",
        "wishlist",
    }


@pytest.mark.parametrize("at_once", [25_000, 40])
def test_rows_fit_each_other(database: Database, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(generate, "CUSTOMERS_AT_ONCE", at_once)
    make(database, 150)
    assert database.rows("select count(*), min(entity_id), max(entity_id) from maho.customer_entity") == [
        (150, 1, 150)
    ]
    for child, column, parent, key in LINKS:
        orphans = database.rows(
            f"select {column} from maho.{child} where {column} not in (select {key} from maho.{parent})"
            f"{' and customer_id <> 0' if column == 'customer_id' else ''}"
        )
        assert not orphans, f"{child}.{column} without {parent}.{key}"
    for what, exceptions in ALWAYS.items():
        assert not database.rows(exceptions), f"not so: {what}"


def test_a_shop_of_the_usual_size_shows_all_behaviour(database: Database) -> None:
    make(database, 2_000)
    for what, query in BEHAVIOUR.items():
        count = len(database.rows(query))
        assert count > 0, f"nobody: {what}"
        if "customer_id" in query.split("from")[0]:
            assert count < 1_500, f"nearly everybody: {what}"
    states = dict(database.rows("select state, count(*) from maho.sales_flat_order group by state"))
    assert set(states) == {
        "new", "pending_payment", "processing", "complete", "closed", "canceled", "holded", "payment_review",
    }  # fmt: skip
    statuses = {
        status
        for (status,) in database.rows("select distinct subscriber_status from maho.newsletter_subscriber")
    }
    assert statuses == {1, 2, 3, 4}
    kinds = {
        kind for (kind,) in database.rows("select distinct product_type from maho.sales_flat_order_item")
    }
    assert kinds == {"simple", "configurable", "bundle", "virtual"}
    assert database.rows("select count(distinct order_currency_code) from maho.sales_flat_order") == [(5,)]


def test_hardly_anything_is_dated_after_the_last_moment(database: Database) -> None:
    make(database, 500)
    for table, column in [
        ("sales_flat_order", "created_at"),
        ("sales_flat_order", "updated_at"),
        ("sales_flat_creditmemo", "created_at"),
        ("sales_flat_quote", "updated_at"),
        ("customer_entity", "created_at"),
        ("customer_address_entity", "created_at"),
        ("report_event", "logged_at"),
        ("report_viewed_product_index", "added_at"),
        ("log_visitor", "last_visit_at"),
        ("log_customer", "login_at"),
        ("newsletter_subscriber", "change_status_at"),
        ("wishlist_item", "added_at"),
    ]:
        (ahead,) = database.rows(f"select count(*) from maho.{table} where {column} >= '2026-01-15 12:00'")[0]
        assert ahead <= 3, f"{table}.{column}"


def test_spend_is_skewed(database: Database) -> None:
    make(database, 2_000)
    ((share,),) = database.rows(
        """
        with spent as (
            select customer_id, sum(base_grand_total) as total,
                ntile(10) over (order by sum(base_grand_total) desc) as tenth
            from maho.sales_flat_order where customer_id is not null group by customer_id
        )
        select (sum(total) filter (where tenth = 1) / sum(total))::float from spent
        """
    )
    assert 0.3 < share < 0.8


@pytest.mark.parametrize("customers", [1, 2, 7])
def test_a_shop_may_be_tiny(database: Database, customers: int) -> None:
    assert make(database, customers)["customer_entity"] == customers


def test_a_shop_without_customers_is_refused(database: Database) -> None:
    make(database, 5)
    with pytest.raises(ShopError, match="A shop with 0 customers can't be made"):
        make(database, 0)
    assert database.rows("select count(*) from maho.customer_entity") == [(5,)]


def test_it_is_made_on_a_server_over_tcp(tcp_database: Database, database: Database) -> None:
    make(tcp_database, 30)
    make(database, 30)
    assert contents(tcp_database) == contents(database)
