"""What the importer finds out of a shop: how rules spell ids, and which rows would be counted otherwise."""

from typing import LiteralString

import pytest

from maho_segments.importing import read_facts
from maho_segments.importing.facts import ODDITIES
from tests.integration.importing.conftest import ImportedShop

ODD: dict[str, LiteralString] = {
    "order_currencies": "update maho.sales_flat_order set order_currency_code = 'EUR'",
    "cart_currencies": "update maho.sales_flat_quote set quote_currency_code = 'EUR'",
    "odd_discounts": "update maho.sales_flat_order set base_discount_amount = null",
    "order_item_parts": "update maho.sales_flat_order_item set parent_item_id = 1 where item_id = 2",
    "item_discounts_missing": "update maho.sales_flat_order_item set discount_amount = null",
    "item_totals_missing": "update maho.sales_flat_order_item set row_total_incl_tax = null",
    "cart_item_parts": "update maho.sales_flat_quote_item set parent_item_id = 1 where item_id = 2",
    "cancelled_credit_memos": "update maho.sales_flat_creditmemo set state = 3",
    "regions_by_id": """
        insert into maho.eav_attribute (attribute_id, entity_type_id, attribute_code, backend_type)
        values (99, 2, 'region_id', 'int');
        insert into maho.directory_country_region (region_id, default_name) values (7, 'Bavaria');
        insert into maho.customer_address_entity_int (entity_id, attribute_id, value) values (1, 99, 7);
    """,
}


def test_ids_are_spelled_so_that_they_mean_one_thing(imported_shop: ImportedShop) -> None:
    with imported_shop.shell.database.connect() as connection:
        facts = read_facts(connection, schema="maho")

    assert facts.stores == {"0": "admin", "1": "en", "2": "German", "3": "jp"}
    assert facts.genders == {"101": "Male", "102": "Female"}
    # The label of 51 is the id of 50; 52 and 53 have the same.
    assert facts.product_options["color"] == {"50": "Red", "51": "51", "52": "52", "53": "53"}
    assert facts.categories["11"] == "Category 10 / Category 11"
    # It is the url key of another one.
    assert "13" not in facts.categories
    assert not facts.oddities


@pytest.mark.parametrize("oddity", ODD)
def test_rows_that_are_counted_otherwise_are_found(imported_shop: ImportedShop, oddity: str) -> None:
    with (
        imported_shop.shell.database.connect() as connection,
        connection.transaction(force_rollback=True),
    ):
        connection.execute(ODD[oddity])
        assert oddity in read_facts(connection, schema="maho").oddities


def test_every_oddity_is_tested() -> None:
    assert set(ODD) == set(ODDITIES)


def test_of_several_labels_the_oldest_counts(imported_shop: ImportedShop) -> None:
    with (
        imported_shop.shell.database.connect() as connection,
        connection.transaction(force_rollback=True),
    ):
        connection.execute(
            """
            insert into maho.eav_attribute_option_value (value_id, option_id, store_id, value)
            select max(value_id) + 1, 50, 0, 'Crimson' from maho.eav_attribute_option_value
            """
        )
        assert read_facts(connection, schema="maho").product_options["color"]["50"] == "Red"
