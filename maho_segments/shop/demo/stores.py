"""The demo shop's websites, stores, customer groups, settings, regions and price rules."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from maho_segments.shop.demo.encoding import Integers, Texts, words
from maho_segments.shop.demo.words import REGIONS

BASE_CURRENCY: Final = "EUR"
GUESTS, GENERAL, WHOLESALE, RETAILER, VIP = range(5)


@dataclass(frozen=True)
class Website:
    """A website of the shop; its place in `WEBSITES` is its id less one."""

    code: str
    name: str
    zone: str
    share: float
    tax_percent: int


@dataclass(frozen=True)
class Store:
    """A store of a website, with the currency it sells in; its place in `STORES` is its id less one."""

    code: str
    name: str
    website: int
    currency: str
    # Of one euro, in ten-thousandths.
    rate: int


WEBSITES: Final = (
    Website("base", "Main Website", "Europe/Berlin", 0.55, 19),
    Website("us", "United States", "America/New_York", 0.30, 8),
    Website("pacific", "Pacific", "Pacific/Auckland", 0.15, 15),
)
STORES: Final = (
    Store("de", "Deutsch", 0, "EUR", 10_000),
    Store("en", "English", 0, "GBP", 8_600),
    Store("us", "United States", 1, "USD", 10_900),
    Store("nz", "New Zealand", 2, "NZD", 17_800),
    Store("au", "Australia", 2, "AUD", 16_400),
)
GROUPS: Final = ("NOT LOGGED IN", "General", "Wholesale", "Retailer", "VIP")
ZONES: Final = tuple(website.zone for website in WEBSITES)

WEBSITE_SHARES: Final = np.array([website.share for website in WEBSITES])
TAX_PERCENTS: Final[Integers] = np.array([website.tax_percent for website in WEBSITES], dtype=np.int64)
# By website: its first store, and its last.
FIRST_STORES: Final[Integers] = np.array([0, 2, 3], dtype=np.int64)
LAST_STORES: Final[Integers] = np.array([1, 2, 4], dtype=np.int64)
STORE_RATES: Final[Integers] = np.array([store.rate for store in STORES], dtype=np.int64)
STORE_CURRENCIES: Final[Texts] = words(store.currency for store in STORES)
STORE_NAMES: Final[Texts] = words(store.name for store in STORES)


@dataclass(frozen=True)
class Rule:
    """A price rule; its place in `RULES` is its id less one."""

    name: str
    percent: int
    coupon: str | None
    coupon_type: int


RULES: Final = (
    Rule("Welcome", 10, "WELCOME10", 2),
    Rule("Summer sale", 15, "SUMMER15", 2),
    Rule("Thank you", 20, "LOYAL20", 2),
    Rule("Newsletter codes", 10, None, 3),
    Rule("Trade discount", 5, None, 1),
    Rule("Free shipping over 100", 0, None, 1),
)
_TRADE, _FREE_SHIPPING, _NEWSLETTER = 5, 6, 4
_GENERATED_CODES: Final = tuple(f"NL-{(number * 7919) % 99991:05}" for number in range(1, 41))

# A coupon's place in these is what orders and carts carry; 0 is no coupon.
COUPON_CODES: Final[Texts] = words(["-", "WELCOME10", "SUMMER15", "LOYAL20", *_GENERATED_CODES])
COUPON_PERCENTS: Final[Integers] = np.array([0, 10, 15, 20, *(10 for _ in _GENERATED_CODES)], dtype=np.int64)
COUPON_COUNT: Final = len(COUPON_CODES)


def _applied(coupon_rule: int, *, trade: bool, free_shipping: bool) -> str:
    ids = [coupon_rule, _TRADE if trade else 0, _FREE_SHIPPING if free_shipping else 0]
    return ",".join(str(number) for number in ids if number)


_APPLIED: Final[Texts] = words(
    _applied(rule, trade=trade, free_shipping=free_shipping) or "-"
    for rule in range(5)
    for trade in (False, True)
    for free_shipping in (False, True)
)


def applied_rules(coupons: Integers, trade: Integers, free_shipping: Integers) -> tuple[Texts, Integers]:
    """The comma lists of price rules, and each row's place among them; -1 where no rule was applied."""
    places = np.minimum(coupons, _NEWSLETTER) * 4 + trade * 2 + free_shipping
    return _APPLIED, np.where(places == 0, -1, places)


def store_rows() -> dict[str, list[dict[str, Any]]]:
    """The rows of the shop's tables of websites, stores, groups, settings, regions and price rules."""
    return {
        "core_website": [
            {"website_id": 0, "code": "admin", "name": "Admin", "default_group_id": 0, "is_default": 0},
            *(
                {
                    "website_id": number,
                    "code": website.code,
                    "name": website.name,
                    "default_group_id": number,
                    "is_default": int(number == 1),
                }
                for number, website in enumerate(WEBSITES, start=1)
            ),
        ],
        "core_store_group": [
            {"group_id": 0, "website_id": 0, "name": "Default", "root_category_id": 0, "default_store_id": 0},
            *(
                {
                    "group_id": number,
                    "website_id": number,
                    "name": f"{website.name} Store",
                    "root_category_id": 2,
                    "default_store_id": int(FIRST_STORES[number - 1]) + 1,
                }
                for number, website in enumerate(WEBSITES, start=1)
            ),
        ],
        "core_store": [
            {"store_id": 0, "code": "admin", "website_id": 0, "group_id": 0, "name": "Admin", "is_active": 1},
            *(
                {
                    "store_id": number,
                    "code": store.code,
                    "website_id": store.website + 1,
                    "group_id": store.website + 1,
                    "name": store.name,
                    "is_active": 1,
                }
                for number, store in enumerate(STORES, start=1)
            ),
        ],
        "core_config_data": _settings(),
        "customer_group": [
            {"customer_group_id": number, "customer_group_code": code, "tax_class_id": 3}
            for number, code in enumerate(GROUPS)
        ],
        "directory_country_region": [
            {
                "region_id": city.region_id,
                "country_id": city.country,
                "code": city.region[:3].upper(),
                "default_name": city.region,
            }
            for city in REGIONS
        ],
        **_rule_rows(),
    }


def _settings() -> list[dict[str, Any]]:
    settings = [
        ("default", 0, "general/locale/timezone", ZONES[0]),
        ("default", 0, "currency/options/base", BASE_CURRENCY),
        ("default", 0, "customer/account_share/scope", "1"),
        ("default", 0, "catalog/price/scope", "0"),
        *(("websites", place + 1, "general/locale/timezone", ZONES[place]) for place in (1, 2)),
    ]
    return [
        {"config_id": number, "scope": scope, "scope_id": scope_id, "path": path, "value": value}
        for number, (scope, scope_id, path, value) in enumerate(settings, start=1)
    ]


def _rule_rows() -> dict[str, list[dict[str, Any]]]:
    coupons: list[tuple[int, str, int | None, int]] = [
        (number, rule.coupon, 1, 0) for number, rule in enumerate(RULES, start=1) if rule.coupon
    ]
    coupons.extend((_NEWSLETTER, code, None, 1) for code in _GENERATED_CODES)
    return {
        "salesrule": [
            {
                "rule_id": number,
                "name": rule.name,
                "is_active": 1,
                "simple_action": "by_percent",
                "discount_amount": rule.percent,
                "coupon_type": rule.coupon_type,
            }
            for number, rule in enumerate(RULES, start=1)
        ],
        "salesrule_coupon": [
            {"coupon_id": number, "rule_id": rule_id, "code": code, "is_primary": primary, "type": kind}
            for number, (rule_id, code, primary, kind) in enumerate(coupons, start=1)
        ],
    }
