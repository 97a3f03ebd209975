"""Conditions that the clock alone can change."""

from benchmarks.conditions.written import AS_OF, NOT_CANCELED, ThriceWritten, customers_in

BIRTHDAY = "(birth_date + make_interval(years => extract(year from age(today - 1, birth_date))::integer + 1))::date - today"


def two_orders_in(days: int) -> ThriceWritten:
    """Two complete orders in the last days."""
    recent = f"state = 'complete' and created_at >= {AS_OF} - interval '{days} days'"
    return ThriceWritten(
        f"two_orders_in_{days}_days",
        {"orders": {"where": {"state": "complete"}, "within": f"{days} days", "count": {"gte": 2}}},
        {"orders": {f"complete_{days}": f"count(*) filter (where {recent})"}},
        f"complete_{days} >= 2",
        customers_in(f"parent_shape.orders where {recent}", "count(*) >= 2"),
    )


def quiet_for(days: int) -> ThriceWritten:
    """Orders, but none for more than so many days."""
    return ThriceWritten(
        f"quiet_for_{days}_days",
        {"days_since_last_order": {"gt": days}},
        {"orders": {"last_order": f"max(created_at) filter (where {NOT_CANCELED})"}},
        f"today - ((last_order at time zone 'UTC') at time zone time_zone)::date > {days}",
        customers_in(
            f"parent_shape.orders where {NOT_CANCELED}",
            f"min(today) - max(((created_at at time zone 'UTC') at time zone time_zone)::date) > {days}",
        ),
    )


def registered_in(days: int) -> ThriceWritten:
    """Registered lately and never ordered."""
    recent = f"{AS_OF} - interval '{days} days'"
    return ThriceWritten(
        f"registered_in_{days}_days",
        {"all": [{"created_at": {"within": f"{days} days"}}, {"none": [{"orders": {}}]}]},
        {"orders": {"any_order": "count(*)"}},
        f"registered_at >= {recent} and coalesce(any_order, 0) = 0",
        f"customers.created_at >= {recent}"
        " and customers.entity_id not in (select customer_id from parent_shape.orders)",
        rules=2,
    )


def birthday_in(days: int) -> ThriceWritten:
    """A birthday today or in the next days."""
    return ThriceWritten(
        f"birthday_in_{days}_days",
        {"days_until_birthday": {"between": [0, days]}},
        {},
        f"{BIRTHDAY} between 0 and {days}",
        "customers.entity_id in (select born.entity_id from (select births.entity_id, births.value::date as birth_date, people.today"
        " from maho.customer_entity_datetime as births"
        " inner join parent_shape.customers as people on people.entity_id = births.entity_id"
        " where births.attribute_id = (select attributes.attribute_id from maho.eav_attribute as attributes"
        " inner join maho.eav_entity_type as types on types.entity_type_id = attributes.entity_type_id"
        " where types.entity_type_code = 'customer' and attributes.attribute_code = 'dob')) as born"
        f" where {BIRTHDAY} between 0 and {days})",
    )


def ordered_in_months(months: int) -> ThriceWritten:
    """An order in the last months of the calendar."""
    recent = (
        f"{NOT_CANCELED} and created_at >= "
        f"((%(as_of)s::timestamptz at time zone time_zone - interval '{months} months') at time zone time_zone)"
        " at time zone 'UTC'"
    )
    return ThriceWritten(
        f"ordered_in_{months}_months",
        {"orders": {"where": {"state": {"ne": "canceled"}}, "within": f"{months} months"}},
        {"orders": {f"months_{months}": f"count(*) filter (where {recent})"}},
        f"months_{months} >= 1",
        customers_in(f"parent_shape.orders where {recent}", "count(*) >= 1"),
    )


def wished(days: int) -> ThriceWritten:
    """Something on the wishlist for longer than so many days."""
    old = f"added_at < {AS_OF} - interval '{days} days'"
    return ThriceWritten(
        f"wished_{days}_days_ago",
        {"wishlist_items": {"older_than": f"{days} days"}},
        {"wishes": {f"wished_{days}": f"count(*) filter (where {old})"}},
        f"wished_{days} >= 1",
        customers_in(
            "maho.wishlist_item as items"
            f" inner join maho.wishlist as wishlists on wishlists.wishlist_id = items.wishlist_id where {old}",
            "count(*) >= 1",
        ),
    )
