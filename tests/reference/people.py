"""Who is who: everybody, and whose a row of the shop is.

This is what the shop knows now, whatever instant is asked about.
"""

from tests.reference.places import Places
from tests.reference.profiles import Profile, ProfileKey, customers, guests
from tests.reference.shop import Shop, address
from tests.reference.visitors import visitors


class People:
    """Everybody, and whose a row of the shop is."""

    def __init__(self, profiles: dict[ProfileKey, Profile], places: Places) -> None:
        self.profiles = profiles
        self._places = places

    def customer(self, customer_id: int | None) -> ProfileKey | None:
        """The profile that a customer's row counts for, if there is such an account."""
        return self._who_it_is(("customer", customer_id))

    def visitor(self, visitor_id: int | None) -> ProfileKey | None:
        """The profile that a visitor's row counts for."""
        return self._who_it_is(("visitor", visitor_id))

    def guest(self, store_id: int | None, email: str | None) -> ProfileKey | None:
        """The profile that a row with an address counts for."""
        return self._who_it_is(("guest", self._places.website_of_store(store_id), address(email)))

    def _who_it_is(self, key: ProfileKey) -> ProfileKey | None:
        profile = self.profiles.get(key)
        return (profile.merged_into or key) if profile else None


def read_people(shop: Shop, places: Places, *, joins_guest_orders: bool) -> People:
    """Everybody that the shop has now."""
    known = [*customers(shop, places), *guests(shop, places, joins_guest_orders=joins_guest_orders)]
    profiles = {profile.key: profile for profile in known}
    profiles |= {profile.key: profile for profile in visitors(shop, places, profiles)}
    return People(profiles, places)
