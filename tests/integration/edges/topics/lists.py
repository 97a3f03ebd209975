"""Lists: duplicates, blanks, empty entries; categories and those above them."""

from tests.integration.edges.shop import Shop

RULE_IDS = {
    "plain": "3,7",
    "doubled": "3,3",
    "spaced": " 3 , 7 ",
    "gaps": ",3,,",
    "only_commas": ",,",
    "only_blank": " ",
    "no_text": "",
    "missing": None,
    "longer": "33",
}


def fill(shop: Shop) -> None:
    for nickname, rule_ids in RULE_IDS.items():
        shop.order(shop.customer(nickname), "10", applied_rule_ids=rule_ids)
    _categories(shop)


def _categories(shop: Shop) -> None:
    root = shop.category(None)
    shoes = shop.category("shoes", f"{root}")
    women = shop.category("women", f"{root}")
    women_shoes = shop.category("shoes", f"{root}/{women}")
    loud = shop.category("SALE", f"{root}")
    istanbul = shop.category("İstanbul", f"{root}")
    nameless = shop.category(None, f"{root}/{women}")
    below_nameless = shop.category("boots", f"{root}/{women}/{nameless}")
    for nickname, categories in {
        "shoe": [shoes],
        "women_shoe": [women_shoes],
        "both_shoe": [shoes, women_shoes],
        "loud_shoe": [loud],
        "istanbul_shoe": [istanbul],
        "boot": [below_nameless],
        "root_only": [root],
        "homeless": [],
        "twice": [shoes, women, women_shoes],
    }.items():
        product = shop.product(nickname, *categories)
        person = shop.customer(nickname)
        order = shop.order(person, "10", applied_rule_ids="99")
        shop.item(order, nickname, product_id=product)
