"""The shop: its raw tables, filled from CSV files or, by `maho_segments.shop.demo`, with a demo shop."""

from maho_segments.shop.load import LoadedTable, LoadReport, load_folder
from maho_segments.shop.progress import ShopProgress, ShowProgress, show_nothing
from maho_segments.shop.replacement import RAW_SCHEMA
from maho_segments.shop.tables import Column, Table, shop_tables

__all__ = [
    "RAW_SCHEMA",
    "Column",
    "LoadReport",
    "LoadedTable",
    "ShopProgress",
    "ShowProgress",
    "Table",
    "load_folder",
    "shop_tables",
    "show_nothing",
]
