"""The demo shop: made up, believable, the same for the same seed, of any size."""

from maho_segments.shop.demo.generate import generate_shop, write_csv

__all__ = ["generate_shop", "write_csv"]
