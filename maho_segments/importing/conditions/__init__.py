"""The module's condition types, each with what makes a rule of it."""

from collections.abc import Callable
from types import MappingProxyType

from maho_segments.importing.conditions.customers import customer_leaf
from maho_segments.importing.conditions.items import cart_item_leaf, order_item_leaf
from maho_segments.importing.conditions.measures import clv_leaf, order_measure_leaf, time_leaf
from maho_segments.importing.conditions.orders import address_leaf, cart_leaf, newsletter_leaf
from maho_segments.importing.conditions.products import viewed_leaf, wishlist_leaf
from maho_segments.importing.context import Context
from maho_segments.importing.formulas import Formula
from maho_segments.importing.tree import StoredLeaf

Translator = Callable[[StoredLeaf, Context], Formula | None]

TRANSLATORS: MappingProxyType[str, Translator] = MappingProxyType(
    {
        "customer_attributes": customer_leaf,
        "customer_address": address_leaf,
        "customer_clv": clv_leaf,
        "customer_timebased": time_leaf,
        "customer_newsletter": newsletter_leaf,
        "order_attributes": order_measure_leaf,
        "order_items": order_item_leaf,
        "cart_attributes": cart_leaf,
        "cart_items": cart_item_leaf,
        "product_viewed": viewed_leaf,
        "product_wishlist": wishlist_leaf,
    }
)
"""By the end of the type. None comes back for a condition that the module leaves out."""
