"""Who is in the live shop, and what happens to each: a change, and whom a refresh has to look at then.

Nobody is in two of the changes, so they can all happen before one refresh.
"""

from dataclasses import dataclass
from pathlib import Path

AS_OF = "2026-03-01T12:00:00Z"

SEGMENTS = """
  buyers: { audience: everyone, match: { orders: {} } }
  camera_buyers:
    audience: everyone
    match: { order_items: { where: { product.category: cameras } } }
  lookers:
    audience: everyone
    match: { product_views: { where: { product.price: { gte: 10 } } } }
  refunded: { match: { refunds: {} } }
  pausing: { audience: everyone, match: { cart_items: { where: { cart.is_active: true } } } }
  reachable: { audience: everyone, match: { newsletter: { where: { status: subscribed } } } }
  of_ulm: { match: { addresses: { where: { city: Ulm } } } }
  collectors: { audience: customers, match: { wishlist_items: {} } }
"""

SHOP = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Change:
    """What is written to the shop, and whom a refresh looks at for it."""

    statements: str
    looked_at: dict[str, set[str]]


CHANGES = {
    "a customer has another name": Change(
        "insert into maho.customer_entity_varchar (entity_id, attribute_id, value) values (11, 10, 'Ann')",
        {"customer 11": {"data"}},
    ),
    "an account is made": Change(
        "insert into maho.customer_entity (entity_id, website_id, email, created_at)"
        " values (12, 1, 'c12@shop.example', '2026-03-01')",
        {"customer 12": {"data"}},
    ),
    "a guest orders for the first time": Change(
        "insert into maho.sales_flat_order (entity_id, increment_id, customer_email, store_id, created_at)"
        " values (30, '30', 'NIA@shop.example', 2, '2026-03-01')",
        {"guest nia@shop.example / 2": {"data"}},
    ),
    "a visitor logs in": Change(
        "insert into maho.log_customer (log_id, visitor_id, customer_id, login_at)"
        " values (9, 101, 13, '2026-03-01')",
        {"customer 13": {"data"}, "visitor 101": {"data", "merged"}},
    ),
    "a customer has another address, under which there are orders too": Change(
        "update maho.customer_entity set email = 'mia@new.example' where entity_id = 14",
        {
            "customer 14": {"data"},
            "guest mia@old.example / 1": {"data"},
            "guest mia@new.example / 1": {"data", "merged"},
        },
    ),
    "a guest's only order is given to an account": Change(
        "update maho.sales_flat_order set customer_id = 15 where entity_id = 3",
        {"customer 15": {"data"}, "guest gus@shop.example / 1": {"erased"}},
    ),
    "an order is taken from an account": Change(
        "update maho.sales_flat_order set customer_id = null where entity_id = 4",
        {"customer 16": {"data"}, "guest hal@shop.example / 1": {"data"}},
    ),
    "an item is edited": Change(
        "update maho.sales_flat_order_item set qty_ordered = 2 where item_id = 1", {"customer 17": {"data"}}
    ),
    "a guest pays in another way": Change(
        "update maho.sales_flat_order_payment set method = 'free' where entity_id = 1",
        {"guest pam@shop.example / 2": {"data"}},
    ),
    "the address of an order is edited": Change(
        "update maho.sales_flat_order_address set country_id = 'AT' where entity_id = 701",
        {"customer 18": {"data"}},
    ),
    "a guest is known by the address of an order": Change(
        "update maho.sales_flat_order_address set firstname = 'Quentin' where entity_id = 702",
        {"guest quinn@shop.example / 1": {"data"}},
    ),
    "a credit memo is deleted": Change(
        "delete from maho.sales_flat_creditmemo where entity_id = 1", {"customer 19": {"data"}}
    ),
    "a visitor's cart is edited": Change(
        "delete from maho.sales_flat_quote_item where item_id = 1", {"visitor 102": {"data"}}
    ),
    "a visitor's cart is deleted, and the session goes on": Change(
        "delete from maho.sales_flat_quote where entity_id = 5", {"visitor 110": {"data"}}
    ),
    "a customer's cart is edited": Change(
        "update maho.sales_flat_quote set items_count = 3 where entity_id = 2", {"customer 20": {"data"}}
    ),
    "something is wished for": Change(
        "insert into maho.wishlist_item (wishlist_item_id, wishlist_id, product_id, added_at)"
        " values (1, 1, 3, '2026-03-01')",
        {"customer 21": {"data"}},
    ),
    "the address book is edited": Change(
        "insert into maho.customer_address_entity_varchar (entity_id, attribute_id, value)"
        " values (1, 24, 'Ulm')",
        {"customer 22": {"data"}},
    ),
    "a guest unsubscribes": Change(
        "update maho.newsletter_subscriber set subscriber_status = 3 where subscriber_id = 1",
        {"guest rita@shop.example / 1": {"data"}},
    ),
    "a visitor who is known to be a customer looks at a product of the list": Change(
        "insert into maho.report_event (event_type_id, object_id, subject_id, subtype, store_id, logged_at)"
        " values (1, 2, 103, 1, 1, '2026-03-01')",
        {"customer 23": {"data"}, "visitor 103": {"data"}},
    ),
    "an account and the list of its views is deleted": Change(
        "delete from maho.customer_entity where entity_id = 24;"
        "delete from maho.report_viewed_product_index where index_id = 1",
        {"customer 24": {"erased"}},
    ),
    "an account is deleted that guest and visitor were merged into": Change(
        "delete from maho.customer_entity where entity_id = 25",
        {
            "customer 25": {"erased"},
            "guest sue@shop.example / 1": {"data"},
            "visitor 104": {"data"},
        },
    ),
    "a visitor checks out as a guest with an account": Change(
        "update maho.sales_flat_quote set customer_email = 'tom@shop.example' where entity_id = 3",
        {
            "customer 26": {"data"},
            "guest tom@shop.example / 1": {"data", "merged"},
            "visitor 105": {"data", "merged"},
        },
    ),
    "the price of a product changes": Change(
        "update maho.catalog_product_entity_decimal set value = 20 where entity_id = 1",
        {"customer 27": {"data"}, "visitor 106": {"data"}},
    ),
    "the category above a product's gets a name": Change(
        "insert into maho.catalog_category_entity_varchar (entity_id, attribute_id, value)"
        " values (3, 30, 'cameras')",
        {"customer 28": {"data"}, "visitor 103": {"data"}, "customer 23": {"data"}},
    ),
    "an account is made with the address of a guest, whom a visitor turned out to be": Change(
        "insert into maho.customer_entity (entity_id, website_id, email, created_at)"
        " values (29, 1, 'Uma@shop.example ', '2026-03-01')",
        {
            "customer 29": {"data"},
            "guest uma@shop.example / 1": {"data", "merged"},
            "visitor 108": {"merged"},
        },
    ),
    "a visit is deleted": Change(
        "delete from maho.log_visitor where visitor_id = 107", {"visitor 107": {"erased"}}
    ),
    "nothing that is read": Change(
        "update maho.customer_entity set updated_at = '2026-03-01' where entity_id = 30;"
        "update maho.log_visitor set last_visit_at = '2026-03-01' where visitor_id = 109",
        {},
    ),
}
