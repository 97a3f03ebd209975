"""What the module's conditions mean, as SQL over the shop's raw tables, written by hand for each.

`e` is the row of customer_entity. Texts are compared as the shop's database does it: `fold` is whether that
is MySQL, where case does not matter.
"""

from collections.abc import Callable
from typing import Any

from tests.integration.importing.shop import AS_OF, ATTRIBUTES

NOW = f"timestamp '{AS_OF:%Y-%m-%d %H:%M:%S}'"
_OPERATORS = {"==": "=", "!=": "<>", ">": ">", "<": "<", ">=": ">=", "<=": "<="}
TYPE = "customersegmentation/segment_condition_"


def members_query(tree: dict[str, Any], websites: str = "", groups: str = "", *, fold: bool = True) -> str:
    """The customers whom the module finds for a tree, of websites and groups as the shop lists them."""
    condition = _sql(tree, fold=fold)
    assert condition, "an empty tree matches everyone"
    listed = {"website_id": websites, "group_id": groups}
    # PHP takes the text 0 for empty.
    allowed = "".join(f" and e.{key} in ({ids})" for key, ids in listed.items() if ids not in ("", "0"))
    return (
        f"select e.entity_id from maho.customer_entity as e where e.is_active = 1{allowed} and ({condition})"
    )


def _sql(node: dict[str, Any], *, fold: bool) -> str | None:
    kind = node["type"].removeprefix(TYPE)
    if kind != "combine":
        return _LEAVES[kind](node["attribute"], _Comparison(node["operator"], node["value"], fold))
    parts = [part for child in node.get("conditions", []) if (part := _sql(child, fold=fold))]
    if not parts:
        return None
    joined = (" and " if node.get("aggregator") == "all" else " or ").join(f"({part})" for part in parts)
    return joined if node.get("value") not in (None, "", "0", 0, False) else f"not ({joined})"


class _Comparison:
    def __init__(self, operator: str, value: Any, fold: bool) -> None:
        self.operator, self.value, self.fold = operator, value, fold

    def number(self, field: str) -> str:
        return self._compare(field, lambda value: value)

    def text(self, field: str) -> str:
        if self.operator in ("{}", "!{}"):
            like = ("not " if self.operator == "!{}" else "") + ("ilike" if self.fold else "like")
            return f"{field} {like} {_quoted(f'%{self.value}%')}"
        case: Callable[[str], str] = (lambda text: f"lower({text})") if self.fold else (lambda text: text)
        return self._compare(case(f"{field}::text"), lambda value: case(_quoted(value)))

    def time(self, field: str) -> str:
        return self._compare(field, lambda value: f"timestamp {_quoted(value)}")

    def day(self, field: str) -> str:
        return self._compare(field, lambda value: f"date {_quoted(value)}")

    def _compare(self, field: str, literal: Callable[[str], str]) -> str:
        values = self.value
        if self.operator in ("()", "!()") and isinstance(values, str):
            values = [value.strip() for value in values.split(",")]
        if isinstance(values, list):
            word = "not in" if self.operator in ("!()", "!=") else "in"
            return f"{field} {word} ({', '.join(literal(value) for value in values)})"
        return f"{field} {_OPERATORS[self.operator]} {literal(values)}"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _days_since(field: str) -> str:
    return f"({NOW}::date - ({field})::date)"


def _some(rows: str, condition: str, customer: str = "customer_id") -> str:
    """The customer has some row of these that passes."""
    return f"e.entity_id in (select {customer} from {rows} and {condition})"


def _per_customer(rows: str, having: str) -> str:
    return f"e.entity_id in (select o.customer_id from {rows} group by o.customer_id having {having})"


# ---- the customer ------------------------------------------------------------------------------------------


def _customer(attribute: str, comparison: _Comparison) -> str:
    match attribute:
        case "email":
            return comparison.text("e.email")
        case "group_id" | "store_id":
            return comparison.number(f"e.{attribute}")
        case "created_at":
            return comparison.day("e.created_at::date")
        case "days_since_registration":
            return comparison.number(_days_since("e.created_at"))
        case "days_until_birthday":
            return _some(_births(), comparison.number("v.days"), "v.entity_id")
    attribute_id, _, backend = ATTRIBUTES[attribute]
    field = {"varchar": comparison.text, "int": comparison.number, "datetime": comparison.time}[backend](
        "v.value"
    )
    if attribute == "dob" and comparison.operator == "==":
        field = comparison.day("v.value::date")
    rows = f"maho.customer_entity_{backend} as v where v.attribute_id = {attribute_id}"
    return _some(rows, field, "v.entity_id")


def _births() -> str:
    """How far the next birthday of each is, counted right. The shop has no birth on 29 February."""
    day = "make_date({year}, extract(month from b.value)::int, extract(day from b.value)::int)"
    this, following = (day.format(year=AS_OF.year + years) for years in (0, 1))
    today = f"{NOW}::date"
    return f"""(
        select b.entity_id, case when {this} < {today} then {following} else {this} end - {today} as days
        from maho.customer_entity_datetime as b
        where b.attribute_id = {ATTRIBUTES["dob"][0]}
    ) as v where true"""


def _address(attribute: str, comparison: _Comparison) -> str:
    code = f"address_{attribute}" if attribute in ("firstname", "lastname") else attribute
    attribute_id, _, backend = ATTRIBUTES[code]
    rows = f"""
        maho.customer_address_entity as a
        inner join maho.customer_address_entity_{backend} as v on a.entity_id = v.entity_id
        where v.attribute_id = {attribute_id}
    """
    return _some(rows, comparison.text("v.value"), "a.parent_id")


def _newsletter(attribute: str, comparison: _Comparison) -> str:
    rows = "maho.newsletter_subscriber as n where n.customer_id is not null"
    if attribute == "subscriber_status":
        return _some(rows, comparison.number("n.subscriber_status"))
    return _some(rows, comparison.time("n.change_status_at"))


# ---- orders ------------------------------------------------------------------------------------------------

_SALES = "o.state not in ('canceled', 'closed')"
_STANDING = "maho.sales_flat_order as o where o.customer_id is not null and o.state not in ('canceled')"


def _clv(attribute: str, comparison: _Comparison) -> str:
    totals = {
        "lifetime_sales": "coalesce(sum(o.grand_total), 0)",
        "number_of_orders": "count(o.entity_id)",
        "average_order_value": "coalesce(avg(o.grand_total), 0)",
    }
    refunds = """
        select ro.customer_id, sum(m.grand_total) as amount
        from maho.sales_flat_creditmemo as m
        inner join maho.sales_flat_order as ro on m.order_id = ro.entity_id
        where ro.customer_id is not null
        group by ro.customer_id
    """
    if attribute in totals:
        return f"""e.entity_id in (
            select c.entity_id
            from maho.customer_entity as c
            left join maho.sales_flat_order as o on c.entity_id = o.customer_id and {_SALES}
            group by c.entity_id
            having {comparison.number(totals[attribute])}
        )"""
    if attribute == "lifetime_refunds":
        return (
            f"e.entity_id in (select r.customer_id from ({refunds}) as r where "
            f"{comparison.number('r.amount')})"
        )
    return f"""e.entity_id in (
        select s.customer_id
        from (
            select o.customer_id, sum(o.grand_total) as amount
            from maho.sales_flat_order as o
            where o.customer_id is not null and {_SALES}
            group by o.customer_id
        ) as s
        left join ({refunds}) as r on s.customer_id = r.customer_id
        where {comparison.number("(coalesce(s.amount, 0) - coalesce(r.amount, 0))")}
    )"""


def _timebased(attribute: str, comparison: _Comparison) -> str:  # noqa: PLR0911
    comparison.value = str(int(float(comparison.value)))
    match attribute:
        case "days_since_last_login":
            rows = "maho.log_customer as o where o.customer_id is not null"
            return _per_customer(rows, comparison.number(_days_since("max(o.login_at)")))
        case "days_since_last_order":
            return _per_customer(_STANDING, comparison.number(_days_since("max(o.created_at)")))
        case "days_since_first_order":
            return _per_customer(_STANDING, comparison.number(_days_since("min(o.created_at)")))
        case "order_frequency_days":
            days = "(max(o.created_at)::date - min(o.created_at)::date)"
            # MySQL divides with a fraction, PostgreSQL and SQLite without.
            average = f"{days}{'::numeric' if comparison.fold else ''} / greatest(count(*) - 1, 1)"
            return _per_customer(_STANDING, f"count(*) > 1 and {comparison.number(f'({average})')}")
        case "days_inactive":
            registered = "max(c.created_at)"
            last = (
                f"greatest(coalesce(max(l.login_at), {registered}), coalesce(max(o.created_at), "
                f"{registered}))"
            )
            return f"""e.entity_id in (
                select c.entity_id
                from maho.customer_entity as c
                left join maho.log_customer as l on c.entity_id = l.customer_id
                left join maho.sales_flat_order as o
                    on c.entity_id = o.customer_id and o.state not in ('canceled')
                group by c.entity_id
                having {comparison.number(_days_since(last))}
            )"""
    assert attribute == "days_without_purchase"
    found = _per_customer(_STANDING, comparison.number(_days_since("max(o.created_at)")))
    if comparison.operator not in (">", ">="):
        return found
    return f"{found} or e.entity_id not in (select o.customer_id from {_STANDING})"


_ORDER_FIELDS = {
    "total_qty": "total_qty_ordered",
    "total_amount": "grand_total",
    "currency_code": "order_currency_code",
}


def _order(attribute: str, comparison: _Comparison) -> str:  # noqa: PLR0911
    rows = "maho.sales_flat_order as o where o.customer_id is not null"
    match attribute:
        case "days_since_last_order":
            return _per_customer(rows, comparison.number(_days_since("max(o.created_at)")))
        case "average_order_amount":
            return _per_customer(_STANDING, comparison.number("avg(o.grand_total)"))
        case "total_ordered_amount":
            return _per_customer(_STANDING, comparison.number("sum(o.grand_total)"))
        case "payment_method":
            paid = """
                maho.sales_flat_order as o
                inner join maho.sales_flat_order_payment as p on o.entity_id = p.parent_id
                where o.customer_id is not null
            """
            return _some(paid, comparison.text("p.method"))
    field = f"o.{_ORDER_FIELDS.get(attribute, attribute)}"
    if attribute in ("created_at", "updated_at"):
        return _some(rows, comparison.time(field))
    if attribute in ("status", "currency_code", "shipping_method", "coupon_code"):
        return _some(rows, comparison.text(field))
    return _some(rows, comparison.number(field))


def _order_item(attribute: str, comparison: _Comparison) -> str | None:
    if comparison.value in (None, ""):
        return None
    columns = {"product_name": "name", "product_sku": "sku", "product_type": "product_type"}
    items = (
        "maho.sales_flat_order_item as i inner join maho.sales_flat_order as o on i.order_id = o.entity_id"
    )
    standing = "o.customer_id is not null and o.state not in ('canceled')"
    if attribute in columns:
        return _some(f"{items} where {standing}", comparison.text(f"i.{columns[attribute]}"))
    if attribute in ("qty_ordered", "row_total", "row_total_incl_tax", "discount_amount"):
        return _some(f"{items} where {standing}", comparison.number(f"i.{attribute}"))
    if attribute == "product_gone":
        return "false"
    attribute_id, _, backend = ATTRIBUTES[attribute.removeprefix("product_")]
    rows = f"""
        {items}
        inner join maho.catalog_product_entity as p on i.product_id = p.entity_id
        inner join maho.catalog_product_entity_{backend} as v
            on p.entity_id = v.entity_id and v.attribute_id = {attribute_id}
        where o.customer_id is not null and o.status not in ('canceled') and v.store_id = 0
    """
    return _some(rows, comparison.number("v.value"))


# ---- carts, views, wishlists -------------------------------------------------------------------------------


def _cart(attribute: str, comparison: _Comparison) -> str:
    rows = "maho.sales_flat_quote as q where q.customer_id is not null"
    if attribute == "is_active":
        return _some(rows, comparison.number("q.is_active"))
    rows += " and q.is_active = 1"
    if attribute in ("created_at", "updated_at"):
        return _some(rows, comparison.time(f"q.{attribute}"))
    if attribute == "coupon_code" or (attribute == "applied_rule_ids" and comparison.value == ""):
        return _some(rows, comparison.text(f"q.{attribute}"))
    if attribute == "applied_rule_ids":
        return _cart_rules(comparison)
    return _some(rows, comparison.number(f"q.{attribute}"))


def _cart_rules(comparison: _Comparison) -> str:
    """By the ids in the list, as the approximation says."""
    ids = ", ".join(_quoted(value) for value in comparison.value.split(","))
    has = f"string_to_array(q.applied_rule_ids, ',') && array[{ids}]"
    rows = "maho.sales_flat_quote as q where q.customer_id is not null and q.is_active = 1"
    return _some(rows, f"not ({has})" if comparison.operator[0] == "!" else has)


def _cart_item(attribute: str, comparison: _Comparison) -> str | None:
    if attribute in ("product_type", "product_id"):
        return None
    items = (
        "maho.sales_flat_quote_item as i inner join maho.sales_flat_quote as q on i.quote_id = q.entity_id"
    )
    active = "q.customer_id is not null and q.is_active = 1"
    if attribute in ("created_at", "updated_at"):
        return _some(f"{items} where {active}", comparison.time(f"i.{attribute}"))
    if not attribute.startswith("product_"):
        return _some(f"{items} where {active}", comparison.number(f"i.{attribute}"))
    products = f"{items} inner join maho.catalog_product_entity as p on i.product_id = p.entity_id"
    if attribute == "product_sku":
        return _some(f"{products} where {active}", comparison.text("p.sku"))
    attribute_id, _, backend = ATTRIBUTES[attribute.removeprefix("product_")]
    valued = f"""
        {products}
        inner join maho.catalog_product_entity_{backend} as v
            on p.entity_id = v.entity_id and v.attribute_id = {attribute_id}
        where {active}
    """
    return _some(valued, comparison.text("v.value") if backend == "varchar" else comparison.number("v.value"))


def _products(rows: str, where: str, attribute: str, comparison: _Comparison) -> str:
    """Of the rows `r` with a product."""
    match attribute:
        case "product_id":
            return _some(f"{rows} {where}", comparison.number("r.product_id"))
        case "category_id" if comparison.operator[0] == "!":
            # An item of a category, in none of these, as the approximation says.
            own = "from maho.catalog_category_product as cp where cp.product_id = r.product_id"
            named = _Comparison("()", comparison.value, comparison.fold).number("cp.category_id")
            return _some(
                f"{rows} {where}", f"exists (select {own}) and not exists (select {own} and {named})"
            )
        case "category_id":
            joined = (
                f"{rows} inner join maho.catalog_category_product as cp on r.product_id = "
                f"cp.product_id {where}"
            )
            return _some(joined, comparison.number("cp.category_id"))
        case "product_sku":
            joined = (
                f"{rows} inner join maho.catalog_product_entity as p on r.product_id = p.entity_id {where}"
            )
            return _some(joined, comparison.text("p.sku"))
    assert attribute == "product_name"
    joined = f"""
        {rows}
        inner join maho.catalog_product_entity_varchar as v
            on r.product_id = v.entity_id and v.attribute_id = 21
        {where}
    """
    return _some(joined, comparison.text("v.value"))


def _wishlist(attribute: str, comparison: _Comparison) -> str:
    rows = "maho.wishlist_item as r inner join maho.wishlist as o on r.wishlist_id = o.wishlist_id"
    where = "where o.customer_id is not null"
    match attribute:
        case "wishlist_items_count":
            return _per_customer(f"{rows} {where}", comparison.number("count(*)"))
        case "added_at":
            return _some(f"{rows} {where}", comparison.time("r.added_at"))
        case "days_since_added":
            return _per_customer(f"{rows} {where}", comparison.number(_days_since("max(r.added_at)")))
        case "wishlist_shared":
            # Of wishlists with items, as the approximation says.
            return _some(f"{rows} {where}", comparison.number("o.shared"))
    return _products(rows, where, attribute, comparison)


def _viewed(attribute: str, comparison: _Comparison) -> str:
    rows = "maho.report_viewed_product_index as o where o.customer_id is not null"
    match attribute:
        case "view_count":
            return _per_customer(rows, comparison.number("count(*)"))
        case "last_viewed_at":
            return _per_customer(rows, comparison.time("max(o.added_at)"))
        case "days_since_last_view":
            return _per_customer(rows, comparison.number(_days_since("max(o.added_at)")))
    return _products(
        "maho.report_viewed_product_index as r", "where r.customer_id is not null", attribute, comparison
    )


_LEAVES: dict[str, Callable[[str, _Comparison], str | None]] = {
    "customer_attributes": _customer,
    "customer_address": _address,
    "customer_clv": _clv,
    "customer_timebased": _timebased,
    "customer_newsletter": _newsletter,
    "order_attributes": _order,
    "order_items": _order_item,
    "cart_attributes": _cart,
    "cart_items": _cart_item,
    "product_viewed": _viewed,
    "product_wishlist": _wishlist,
}
