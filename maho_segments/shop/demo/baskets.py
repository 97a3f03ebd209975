"""What lies in a basket: items of orders and carts, with child rows of configurable products and bundles."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from maho_segments.shop.demo.catalog import BUNDLE, CONFIGURABLE, LEAF, LEAF_SHARES, Catalog
from maho_segments.shop.demo.encoding import NULL, Integers
from maho_segments.shop.demo.personas import PERSONAS, PLACE, trait

_FAVOURITES: Final = np.array([LEAF.get(persona.favourite, -1) for persona in PERSONAS])
_MOST_PIECES: Final = 200
_MORE_ITEMS: Final = 1.2


@dataclass(frozen=True)
class Items:
    """Top-level items: the basket each lies in, its product and pieces; amounts in hundredths of a euro."""

    basket: Integers
    product: Integers
    pieces: Integers
    price: Integers

    @property
    def row_total(self) -> Integers:
        """Pieces times price."""
        return self.pieces * self.price

    def per_basket(self, amounts: Integers, baskets: int) -> Integers:
        """The sum of an amount of each item over the items of each basket."""
        return np.bincount(self.basket, weights=amounts, minlength=baskets).astype(np.int64)


@dataclass(frozen=True)
class ItemRows:
    """The rows of items as the shop keeps them: a top-level row, then its children.

    `item` is the item's place, `parent` that of the row above or NULL, `label` the place of the product whose
    sku the row carries. Children of configurable products are free, those of bundles have a price as well.
    """

    item: Integers
    parent: Integers
    product: Integers
    label: Integers
    kind: Integers
    price: Integers
    pieces: Integers


def draw_leaves(rng: np.random.Generator, personas: Integers) -> Integers:
    """A leaf category for each of these kinds of people: their favourite, or what everybody likes."""
    everyday = rng.choice(len(LEAF_SHARES), size=len(personas), p=LEAF_SHARES)
    favourite = _FAVOURITES[personas]
    devoted = (rng.random(len(personas)) < trait(lambda p: p.devotion)[personas]) & (favourite >= 0)
    leaves = np.where(devoted, favourite, everyday)
    # Photographers have no memory card yet, and suppliers bought their last accessories long ago.
    without_card = (personas == PLACE["photographer"]) & (leaves == LEAF["memory-cards"])
    return np.where(without_card, LEAF["coffee"], leaves)


def fill_baskets(
    rng: np.random.Generator, catalog: Catalog, personas: Integers, first_leaves: Integers
) -> Items:
    """Items for a basket of each of these kinds of people; `first_leaves` is what has to be in it, or -1."""
    sizes = 1 + rng.poisson(_MORE_ITEMS, len(personas))
    basket = np.repeat(np.arange(len(personas)), sizes)
    is_first = (
        np.concatenate([[True], basket[1:] != basket[:-1]]) if len(basket) else np.zeros(0, dtype=np.bool_)
    )
    leaves = draw_leaves(rng, personas[basket])
    leaves = np.where(is_first & (first_leaves[basket] >= 0), first_leaves[basket], leaves)
    product = catalog.draw(rng, leaves)
    price = catalog.prices[product]
    pieces = 1 + rng.geometric(0.8, len(basket)) // 2
    worth = trait(lambda p: p.basket)[personas] * 100 * rng.lognormal(0, 0.35, len(personas))
    total = np.bincount(basket, weights=price * pieces, minlength=len(personas))
    factor = np.where(worth > 0, worth / np.maximum(total, 1), 1.0)
    pieces = np.clip(np.rint(pieces * factor[basket]), 1, _MOST_PIECES).astype(np.int64)
    return Items(basket, product, pieces, price)


def item_rows(rng: np.random.Generator, catalog: Catalog, items: Items) -> ItemRows:
    """The rows of these items, children right after their parents."""
    kinds = catalog.kinds[items.product]
    children = np.select([kinds == CONFIGURABLE, kinds == BUNDLE], [1, catalog.children[items.product]], 0)
    item = np.repeat(np.arange(len(items.product)), 1 + children)
    top = np.cumsum(1 + children) - 1 - children
    nth = np.arange(len(item)) - top[item]
    is_child = nth > 0
    chosen = rng.integers(0, 3, len(items.product))
    child = catalog.first_child[items.product[item]] + np.where(
        kinds[item] == CONFIGURABLE, chosen[item], np.maximum(nth - 1, 0)
    )
    product = np.where(is_child, child, items.product[item])
    price = np.where(
        is_child & (kinds[item] == CONFIGURABLE), 0, np.where(is_child, catalog.prices[product], 0)
    )
    return ItemRows(
        item=item,
        parent=np.where(is_child, top[item], NULL),
        product=product,
        # The row of a configurable product carries the sku of the chosen child.
        label=np.where(kinds[item] == CONFIGURABLE, child, product),
        kind=catalog.kinds[product],
        price=np.where(is_child, price, items.price[item]),
        pieces=items.pieces[item],
    )
