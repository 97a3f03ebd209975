"""Websites, store views and customer groups, and whose clock is meant."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from tests.reference.shop import Shop, rows, setting, text

_KNOWN_ZONES = available_timezones()
_ZONE_OF_A_SHOP_WITHOUT_SETTINGS = "America/Los_Angeles"
_ADMIN = 0
_NOT_LOGGED_IN = 0


@dataclass(frozen=True)
class Website:
    """A website, with the time zone of its days."""

    website_id: int
    code: str | None
    name: str | None
    time_zone: str


@dataclass(frozen=True)
class Store:
    """A store view, with the website whose customers its rows belong to."""

    code: str | None
    name: str | None
    website_id: int | None


@dataclass(frozen=True)
class Places:
    """All of them, by id."""

    websites: Mapping[int, Website]
    stores: Mapping[int, Store]
    groups: Mapping[int, str | None]
    main_website: Website | None

    def store_columns(self, store_id: int | None) -> dict[str, str | None]:
        """The columns `store` and `store_name` of what came from a store view."""
        store = None if store_id is None else self.stores.get(store_id)
        return {"store": store.code if store else None, "store_name": store.name if store else None}

    def website_of_store(self, store_id: int | None) -> int:
        """The website of a store view; of the admin's or a deleted one, the main website."""
        store = None if store_id is None else self.stores.get(store_id)
        if store and store.website_id:
            return store.website_id
        return self.main_website.website_id if self.main_website else _ADMIN

    def website_columns(self, website_id: int | None) -> dict[str, str | None]:
        """The columns `website` and `website_name`."""
        website = None if website_id is None else self.websites.get(website_id)
        return {
            "website": website.code if website else None,
            "website_name": website.name if website else None,
        }

    def time_zone(self, website_id: int | None) -> str:
        """The time zone of a website; of one that is gone, that of the main website."""
        website = None if website_id is None else self.websites.get(website_id)
        website = website or self.main_website
        return website.time_zone if website else _ZONE_OF_A_SHOP_WITHOUT_SETTINGS

    @property
    def not_logged_in(self) -> str | None:
        """The name of the group of guests and visitors."""
        return self.groups.get(_NOT_LOGGED_IN)


def read_places(shop: Shop) -> Places:
    """The shop's websites, store views and groups."""
    websites = {
        row["website_id"]: Website(
            row["website_id"],
            text(row.get("code")),
            text(row.get("name")),
            _time_zone(shop, row["website_id"]),
        )
        for row in rows(shop, "core_website")
    }
    stores = {
        row["store_id"]: Store(text(row.get("code")), text(row.get("name")), row.get("website_id"))
        for row in rows(shop, "core_store")
    }
    groups = {
        row["customer_group_id"]: text(row.get("customer_group_code")) for row in rows(shop, "customer_group")
    }
    return Places(websites, stores, groups, _main_website(shop, websites))


def _time_zone(shop: Shop, website_id: int) -> str:
    """The website's own setting, else the default; a name that nobody knows is passed over."""
    path = "general/locale/timezone"
    for zone in (setting(shop, path, "websites", website_id), setting(shop, path)):
        if zone in _KNOWN_ZONES:
            return zone
    return _ZONE_OF_A_SHOP_WITHOUT_SETTINGS


def _main_website(shop: Shop, websites: Mapping[int, Website]) -> Website | None:
    """The default website, else the first that is not the admin's."""

    def rank(row: Mapping[str, Any]) -> tuple[bool, bool, int]:
        return row["website_id"] == _ADMIN, row.get("is_default") != 1, row["website_id"]

    found = min(rows(shop, "core_website"), key=rank, default=None)
    return websites[found["website_id"]] if found else None
