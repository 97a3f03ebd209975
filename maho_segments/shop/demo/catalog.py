"""The demo shop's categories and products, and the drawing of products from them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from maho_segments.shop.demo.attributes import BRANDS
from maho_segments.shop.demo.encoding import Flags, Integers, Texts, words

SIMPLE, CONFIGURABLE, BUNDLE, VIRTUAL = range(4)
PRODUCT_TYPES: Final[Texts] = words(("simple", "configurable", "bundle", "virtual"))
_CHILDREN: Final = {SIMPLE: 0, CONFIGURABLE: 3, BUNDLE: 3, VIRTUAL: 0}
# Endings of children: sizes of clothes, sizes of shoes, parts of a kit.
_SUFFIXES: Final = ("S", "M", "L", "40", "42", "44", "body", "bag", "strap")

# Products of the first ranks sell far more often than the others.
_POPULARITY: Final = 2.2


@dataclass(frozen=True)
class Category:
    """A category of the tree; those with a `prefix` hold products."""

    name: str
    url_key: str
    parent: str | None
    prefix: str = ""
    kind: int = SIMPLE
    low: int = 0
    high: int = 0
    # How often products of it are bought, among all categories.
    share: float = 0.0
    models: str = ""


CATEGORIES: Final = (
    Category("Electronics", "electronics", None),
    Category(
        "Cameras", "cameras", "electronics", "CAM", SIMPLE, 290, 1900, 0.02, "Reflex Compact Mirrorless"
    ),
    Category(
        "Laptops", "laptops", "electronics", "LAP", SIMPLE, 480, 2400, 0.02, "Ultrabook Workstation Note"
    ),
    Category("Phones", "phones", "electronics", "PHO", SIMPLE, 150, 1100, 0.03, "Phone Mini Max"),
    Category("Accessories", "accessories", "electronics"),
    Category("Memory Cards", "memory-cards", "accessories", "MEMCARD", SIMPLE, 12, 90, 0.09, "Card Pro-Card"),
    Category("Chargers", "chargers", "accessories", "CHA", SIMPLE, 9, 60, 0.13, "Charger Cable Dock"),
    Category("Bags", "bags", "accessories", "BAG", SIMPLE, 25, 140, 0.06, "Sling Backpack Pouch"),
    Category(
        "Camera Kits", "camera-kits", "cameras", "KIT", BUNDLE, 350, 1800, 0.01, "Starter-Kit Travel-Kit"
    ),
    Category("Clothing", "clothing", None),
    Category("Shoes", "shoes", "clothing", "SHO", CONFIGURABLE, 45, 190, 0.11, "Runner Boot Loafer"),
    Category("Shirts", "shirts", "clothing", "SHI", CONFIGURABLE, 19, 75, 0.18, "Tee Oxford Polo"),
    Category("Jackets", "jackets", "clothing", "JAC", CONFIGURABLE, 65, 280, 0.06, "Parka Shell Blazer"),
    Category("Home", "home", None),
    Category("Coffee", "coffee", "home", "COF", SIMPLE, 6, 34, 0.20, "Roast Espresso Filter"),
    Category("Lamps", "lamps", "home", "LAM", SIMPLE, 25, 190, 0.06, "Desk-Lamp Floor-Lamp"),
    Category("Gift Vouchers", "gift-vouchers", None, "GIF", VIRTUAL, 20, 100, 0.04, "Voucher"),
    Category("Sale", "sale", None),
)
LEAVES: Final = tuple(category for category in CATEGORIES if category.prefix)
LEAF: Final = {category.url_key: place for place, category in enumerate(LEAVES)}
LEAF_SHARES: Final = np.array([leaf.share for leaf in LEAVES]) / sum(leaf.share for leaf in LEAVES)


@dataclass(frozen=True)
class Catalog:
    """Every product by its place, which is its id less one; children follow all that are sold by themselves.

    `children` is how many rows of its own each parent has, `first_child` the place of the first of them.
    """

    skus: Texts
    names: Texts
    prices: Integers
    kinds: Integers
    leaves: Integers
    brands: Integers
    colors: Integers
    sizes: Integers
    children: Integers
    first_child: Integers
    leaf_start: Integers
    leaf_size: Integers

    @property
    def size(self) -> int:
        """How many products there are, children among them."""
        return len(self.prices)

    @property
    def in_windows(self) -> int:
        """How many of them are sold by themselves."""
        return int(self.leaf_size.sum())

    def draw(self, rng: np.random.Generator, leaves: Integers) -> Integers:
        """A product of each of these leaf categories, the popular ones more often."""
        ranks = self.leaf_size[leaves] * rng.random(len(leaves)) ** _POPULARITY
        return self.leaf_start[leaves] + ranks.astype(np.int64)

    def is_in(self, products: Integers, *url_keys: str) -> Flags:
        """Whether each product belongs to one of these leaf categories."""
        return np.isin(self.leaves[products], [LEAF[key] for key in url_keys])


def make_catalog(rng: np.random.Generator, customers: int) -> Catalog:
    """The products of a shop for so many customers: large shops sell more different things."""
    models_per_leaf = max(3, round(customers**0.3))
    leaf_of = np.repeat(np.arange(len(LEAVES)), models_per_leaf)
    count = len(leaf_of)
    kinds = np.array([leaf.kind for leaf in LEAVES])[leaf_of]
    low = np.array([leaf.low for leaf in LEAVES])[leaf_of]
    high = np.array([leaf.high for leaf in LEAVES])[leaf_of]
    # Prices as shops write them: 129.90.
    prices = (low * (high / low) ** rng.random(count)).astype(np.int64) * 100 + 90
    brands = rng.integers(0, len(BRANDS), count)
    parent = np.repeat(np.arange(count), np.array([_CHILDREN[leaf.kind] for leaf in LEAVES])[leaf_of])
    nth = np.arange(len(parent)) % 3
    is_shoe = leaf_of[parent] == LEAF["shoes"]
    is_bundled = kinds[parent] == BUNDLE
    # What a kit consists of costs a share of it: the camera most, the rest little.
    child_prices = prices[parent] * np.where(is_bundled, np.array([80, 12, 8])[nth], 100) // 100
    children = np.bincount(parent, minlength=count)
    skus, names = _labels(leaf_of, brands)
    suffixes = np.where(is_bundled, nth + 6, np.where(is_shoe, nth + 3, nth))
    none = np.zeros(len(parent), dtype=np.int64)
    return Catalog(
        skus=words(
            [*skus, *(f"{skus[of]}-{_SUFFIXES[end]}" for of, end in zip(parent, suffixes, strict=True))]
        ),
        names=words(
            [*names, *(f"{names[of]} {_SUFFIXES[end]}" for of, end in zip(parent, suffixes, strict=True))]
        ),
        prices=np.concatenate([prices, child_prices]),
        kinds=np.concatenate([kinds, none]),
        leaves=np.concatenate([leaf_of, leaf_of[parent]]),
        brands=np.concatenate([brands, brands[parent]]),
        colors=rng.integers(0, 5, count + len(parent)),
        sizes=np.concatenate([np.full(count, -1), np.where(is_bundled, -1, suffixes)]),
        children=np.concatenate([children, none]),
        first_child=np.concatenate([count + np.cumsum(children) - children, none]),
        leaf_start=np.arange(len(LEAVES)) * models_per_leaf,
        leaf_size=np.full(len(LEAVES), models_per_leaf),
    )


def _labels(leaf_of: Integers, brands: Integers) -> tuple[list[str], list[str]]:
    skus: list[str] = []
    names: list[str] = []
    for number, (leaf, brand) in enumerate(zip(leaf_of, brands, strict=True), start=1):
        models = LEAVES[leaf].models.split()
        model = models[number % len(models)].replace("-", " ")
        skus.append(f"{LEAVES[leaf].prefix}-{number:04}")
        names.append(f"{BRANDS[brand]} {model} {number}")
    return skus, names
