"""The segments of the system, and what happens to its shop: 60 customers, a third of them in each group."""

SEGMENTS = """
version: 1
identity: { guest_orders: keep_apart }
segments:
  reachable:
    label: Reachable
    owner: crm@shop.example
    match: { email: { is_set: true } }
  buyers:
    match: { orders: { count: { gte: 1 } } }
  wholesalers:
    guard: { max_change_percent: 25 }
    match: { customer_group: Wholesale }
  retailers:
    time_zone: UTC
    refresh: { schedule: "0 4 * * *" }
    match: { customer_group: Retailer }
  campaign:
    refresh: { manual: true }
    match: { customer_group: General }
"""
REGULARS = """
  regulars:
    match: { orders: { count: { gte: 2 } } }
"""
ALERTS = "version: 1\nchannels: { on_call: { type: webhook, url_variable: SEGMENTS_ALERTS_URL } }\n"

PREPARED = """
    update maho.customer_entity set group_id = 1 + entity_id % 3, is_active = 1;
    update maho.sales_flat_order set customer_id = null, customer_is_guest = 1
    where customer_id in (select entity_id from maho.customer_entity order by entity_id desc limit 10)
"""

_CUSTOMERS = "select entity_id from maho.customer_entity where"
_ORDERED = "select customer_id from maho.sales_flat_order where customer_id > 0 group by 1 having"
WANTED = {
    "reachable": f"{_CUSTOMERS} email is not null",
    "buyers": f"{_ORDERED} count(*) >= 1",
    "regulars": f"{_ORDERED} count(*) >= 2",
    "wholesalers": f"{_CUSTOMERS} group_id = 2",
    "retailers": f"{_CUSTOMERS} group_id = 3",
    "campaign": f"{_CUSTOMERS} group_id = 1",
}
"""Who belongs into each segment, by the shop's own rows."""


def loses_address(customers: int = 1) -> str:
    """So many customers have no address any more."""
    return f"""
        update maho.customer_entity set email = null where entity_id in (
            select entity_id from maho.customer_entity where email is not null order by 1 limit {customers}
        )
    """


def moves(customers: int, group: int) -> str:
    """So many customers of the first group are moved to another."""
    return f"""
        update maho.customer_entity set group_id = {group} where entity_id in (
            select entity_id from maho.customer_entity where group_id = 1 order by 1 limit {customers}
        )
    """


def orders(number: int) -> str:
    """Somebody orders for the first time; each order needs a number of its own."""
    return f"""
        insert into maho.sales_flat_order
        select (jsonb_populate_record(orders, jsonb_build_object(
            'entity_id', {900_000 + number},
            'increment_id', 'new {number}',
            'customer_id', (
                select max(entity_id) from maho.customer_entity
                where entity_id not in (select customer_id from maho.sales_flat_order where customer_id > 0)
            )
        ))).*
        from maho.sales_flat_order as orders
        where entity_id = (select min(entity_id) from maho.sales_flat_order where customer_id > 0)
    """
