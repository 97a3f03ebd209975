"""The models below the memberships over shops as they come: with little in them, and changing over time."""

from pathlib import Path
from typing import Any

import pytest

from maho_segments.services.dbt import DbtProject
from maho_segments.services.progress import Silence
from tests.databases import Database
from tests.projects import copy_project

# Only what no shop lacks. Orders have fewer columns than the models know; their times were loaded as text,
# and those of accounts with a zone, as other loaders do.
BARE_SHOP = """
    create schema maho;
    create table maho.core_website (
        website_id smallint primary key, code text, name text, is_default smallint
    );
    insert into maho.core_website values (0, 'admin', 'Admin', 0), (1, 'base', 'Main', 1), (2, 'us', 'US', 0);
    create table maho.core_store (store_id smallint primary key, code text, website_id smallint, name text);
    insert into maho.core_store values (0, 'admin', 0, 'Admin'), (1, 'en', 1, 'English'), (2, 'us', 2, 'US');
    create table maho.customer_entity (
        entity_id integer primary key, website_id smallint, email text, group_id smallint, store_id smallint,
        is_active smallint, created_at timestamptz
    );
    create table maho.sales_flat_order (
        entity_id integer primary key, state text, store_id smallint, customer_id integer,
        customer_email text, base_grand_total numeric(12, 4), created_at varchar(19)
    );
"""


class Shop:
    """A database with a shop in it, and dbt to build the models on it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.dbt = DbtProject(folder, database.settings, database.environ)
        database.execute(BARE_SHOP)

    def build(self, *changes: str) -> None:
        """Change the shop and run the models that lead up to the relations."""
        for statement in changes:
            self.database.execute(statement)
        self.dbt.run_models(("staging", "identities", "relations"), variables={}, progress=Silence())

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.database.rows(query)


@pytest.fixture
def shop(database: Database, tmp_path: Path) -> Shop:
    return Shop(database, copy_project(tmp_path))


@pytest.mark.slow
def test_models_stand_in_for_what_a_shop_lacks(shop: Shop) -> None:
    shop.build(
        """
        insert into maho.customer_entity values
            (7, 1, 'ann@mail.example', 1, 1, 1, '2026-01-01 12:00:00+02');
        insert into maho.sales_flat_order values
            (1, 'complete', 1, 7, 'ann@mail.example', 19.95, '2026-01-03 10:00:00'),
            (2, 'new', 1, null, 'bob@mail.example', 5, '0000-00-00 00:00:00'),
            (3, 'new', 1, null, 'bob@mail.example', 6, ''),
            (4, 'new', null, null, ' BOB@mail.example', 7, '2026-01-04 10:00:00')
        """,
    )

    facts = "profile_type, email, first_name, time_zone, created_at::text"
    assert shop.rows(f"select {facts} from segments.profiles order by profile_id") == [
        ("customer", "ann@mail.example", None, "America/Los_Angeles", "2026-01-01 10:00:00+00"),
        ("guest", "bob@mail.example", None, "America/Los_Angeles", "2026-01-04 10:00:00+00"),
    ]
    facts = "order_id, store, coupon_code, ordered_at::text"
    assert shop.rows(f"select {facts} from segments_relations.orders order by order_id") == [
        (1, "en", None, "2026-01-03 10:00:00+00"),
        (2, "en", None, None),
        (3, "en", None, None),
        (4, None, None, "2026-01-04 10:00:00+00"),
    ]
    for relation in ("product_views", "carts", "wishlist_items", "newsletter", "logins", "products"):
        assert shop.rows(f"select count(*) from segments_relations.{relation}") == [(0,)]


@pytest.mark.slow
def test_guest_becomes_customer_and_keeps_the_past(shop: Shop) -> None:
    profiles = """
        select profile_type, email, website_id, profile_id, merged_into_profile_id
        from segments.profiles
        order by profile_id
    """
    owners = "select order_id, profile_id from segments_relations.orders order by order_id"
    shop.build(
        """
        insert into maho.sales_flat_order values
            (1, 'complete', 1, null, 'ann@mail.example', 5, '2026-01-03 10:00:00'),
            (2, 'complete', 2, null, 'ann@mail.example', 5, '2026-01-03 10:00:00')
        """
    )
    assert shop.rows(profiles) == [
        ("guest", "ann@mail.example", 1, 1, None),
        ("guest", "ann@mail.example", 2, 2, None),
    ]

    # An account on the first website.
    shop.build("insert into maho.customer_entity values (7, 1, 'Ann@mail.example', 1, 1, 1, '2026-02-01')")
    with_account = [
        ("guest", "ann@mail.example", 1, 1, 3),
        ("guest", "ann@mail.example", 2, 2, None),
        ("customer", "ann@mail.example", 1, 3, None),
    ]
    assert shop.rows(profiles) == with_account
    assert shop.rows(owners) == [(1, 3), (2, 2)]

    # The account claims the order: the guest has no rows any more, but is known to be the customer.
    shop.build("update maho.sales_flat_order set customer_id = 7 where entity_id = 1")
    assert shop.rows(profiles) == with_account
    assert shop.rows(owners) == [(1, 3), (2, 2)]

    # The account is deleted, its orders stay; and somebody new comes, who gets a number that nobody had.
    shop.build(
        "delete from maho.customer_entity",
        "update maho.sales_flat_order set customer_id = null",
        "insert into maho.customer_entity values (8, 1, 'eve@mail.example', 1, 1, 1, '2026-03-01')",
    )
    assert shop.rows(profiles) == [
        ("guest", "ann@mail.example", 1, 1, None),
        ("guest", "ann@mail.example", 2, 2, None),
        ("customer", "eve@mail.example", 1, 4, None),
    ]
    assert shop.rows(owners) == [(1, 1), (2, 2)]


HALF_LISTED = """
{%- do adapter.cache_added(api.Relation.create(
    database=target.database, schema='maho', identifier='core_store', type='table'
)) if execute -%}
{{ maho_source(source('maho', 'sales_flat_order')) }}
"""


@pytest.mark.slow
def test_a_table_is_found_while_another_thread_still_lists_the_shop(shop: Shop) -> None:
    """dbt's cache knows a schema from its first relation on; the other tables are there all the same."""
    assert "grand_total" in (found := shop.dbt.compile_inline(HALF_LISTED, variables={}))
    assert "where false" not in found
