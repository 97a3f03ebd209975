"""A shop of a few rows as CSV files, and what is in a database's raw tables."""

from __future__ import annotations

import gzip
from pathlib import Path

from maho_segments.shop.tables import shop_tables
from tests.databases import Database

FILES = {
    "core_website": "website_id,code,name\n0,admin,Admin\n1,base,Main\n",
    "core_store": "store_id,code,website_id,name\n0,admin,0,Admin\n1,en,1,English\n",
    "eav_attribute": (
        "attribute_id,entity_type_id,attribute_code,backend_type\n"
        "5,1,firstname,varchar\n12,1,password_hash,varchar\n16,1,confirmation,varchar\n"
    ),
    "customer_entity": (
        "entity_id,website_id,email,created_at\n"
        "1,1,anna@mail.example,2026-01-01 10:00:00\n2,1,ben@mail.example,2026-01-02 10:00:00\n"
    ),
    "customer_entity_varchar": (
        "entity_id,attribute_id,value\n1,5,Anna\n2,5,\n1,12,hash-of-anna\n1,16,key-of-anna\n"
    ),
    "sales_flat_order": (
        "entity_id,state,store_id,customer_id,customer_email,base_grand_total,created_at,protect_code,colour\n"
        "1,complete,1,1,anna@mail.example,19.95,2026-01-03 10:00:00,code-of-order,red\n"
        '2,new,1,,"cleo@mail.example",7,2026-01-04 10:00:00,,\n'
    ),
    "core_config_data": (
        "scope,scope_id,path,value\n"
        "default,0,general/locale/timezone,Europe/Berlin\ndefault,0,smtp/password,swordfish\n"
    ),
}

_CHECKSUM = """
    select count(*), coalesce(md5(string_agg(row_text, e'\\n' order by row_text)), '')
    from (select t::text as row_text from "{schema}"."{table}" as t) as texts
"""


def write_shop(folder: Path, changes: dict[str, str | None] | None = None, *, packed: bool = False) -> Path:
    """The small shop in a folder, with some files changed or, where None, left out."""
    folder.mkdir(exist_ok=True)
    for name, text in {**FILES, **(changes or {})}.items():
        if text is None:
            continue
        if packed:
            (folder / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode()))
        else:
            (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
    return folder


def contents(database: Database, schema: str = "maho") -> dict[str, tuple[int, str]]:
    """Of each raw table the number of its rows and a checksum of them all, whatever their order."""
    found: dict[str, tuple[int, str]] = {}
    with database.connect() as connection:
        for name in shop_tables():
            found[name] = connection.execute(_CHECKSUM.format(schema=schema, table=name).encode()).fetchone()
    return found
