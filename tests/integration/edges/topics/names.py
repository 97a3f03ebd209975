"""Names that the shop gave: websites, stores, groups, in their codes and their labels, and what is gone."""

from tests.integration.edges.shop import Shop


def fill(shop: Shop) -> None:
    for website in ("berlin", "tokyo"):
        person = shop.customer(website, website)
        shop.order(person, "10")
    wholesaler = shop.customer("wholesaler", group="Wholesale")
    # The shop keeps the numbers of a group and of a store view that it has deleted.
    shop.customer("group_gone", group_id=77)
    shop.order(shop.customer("store_gone", store_id=77), "10", store_id=None)
    shop.order(wholesaler, "10", store_id=3)
    shop.customer("of_the_admin", website_id=0, store_id=0)
    shop.customer("deactivated", is_active=0)
    shop.order(shop.guest("guest"), "10")
