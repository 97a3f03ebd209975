"""A small project of the language's own: a vocabulary with every type, and files that a test writes."""

import json
from pathlib import Path
from textwrap import dedent

from maho_segments.language import Project, check_project

VOCABULARY = """
models:
  - name: profiles
    description: Everybody, one row per profile.
    config: {meta: {profile: {key: profile_id}}}
    columns:
      - {name: profile_id, data_type: bigint, config: {meta: {hidden: true}}}
      - {name: profile_type, data_type: text, description: Kind., data_tests: [not_null]}
      - {name: email, data_type: text, description: Address.}
      - {name: gender, data_type: text, description: Gender., config: {meta: {also: gender_id}}}
      - {name: gender_id, data_type: text, config: {meta: {hidden: true}}}
      - {name: website, data_type: text, description: Website., config: {meta: {also: website_name}}}
      - {name: website_name, data_type: text, config: {meta: {hidden: true}}}
      - {name: customer_group, data_type: text, description: Group.}
      - {name: is_confirmed, data_type: boolean, description: Whether the address is confirmed.}
      - {name: interests, data_type: "text[]", description: Interests.}
      - {name: birth_date, data_type: date, description: Birthday.}
      - {name: created_at, data_type: timestamp with time zone, description: Since when.}
  - name: orders
    description: Orders, one row per order.
    config: {meta: {relation: {key: order_id, time_column: ordered_at}}}
    columns:
      - {name: order_id, data_type: bigint, config: {meta: {hidden: true}}}
      - {name: state, data_type: text, config: {meta: {options: [new, complete, canceled]}}}
      - {name: store, data_type: text, config: {meta: {also: store_name}}}
      - {name: store_name, data_type: text, config: {meta: {hidden: true}}}
      - {name: coupon_code, data_type: text}
      - {name: rule_ids, data_type: "text[]"}
      - {name: subtotal, data_type: numeric, config: {meta: {type: money}}}
      - {name: grand_total, data_type: "numeric(20,4)", config: {meta: {type: money}}}
      - {name: is_gift, data_type: boolean}
      - {name: delivery_date, data_type: date}
      - {name: ordered_at, data_type: timestamptz}
      - {name: paid_at, data_type: timestamptz}
  - name: order_items
    description: Items, one row per item.
    config:
      meta:
        relation:
          key: order_item_id
          time_column: ordered_at
          parents:
            order: {model: orders, column: order_id}
            product: {model: products, column: product_id}
    columns:
      - {name: order_item_id, data_type: bigint, config: {meta: {hidden: true}}}
      - {name: sku, data_type: text}
      - {name: qty, data_type: integer}
      - {name: price, data_type: numeric, config: {meta: {type: money}}}
      - {name: ordered_at, data_type: timestamp with time zone}
  - name: notes
    description: Notes, one row per note.
    config: {meta: {relation: {key: note_id}}}
    columns:
      - {name: note_id, data_type: bigint, config: {meta: {hidden: true}}}
      - {name: topic, data_type: text, data_tests: [not_null]}
      - {name: written_at, data_type: timestamp with time zone}
  - name: products
    description: Products, one row per product.
    config: {meta: {parent: {key: product_id}}}
    columns:
      - {name: product_id, data_type: bigint, config: {meta: {hidden: true}}}
      - {name: brand, data_type: text, config: {meta: {also: brand_label}}}
      - {name: brand_label, data_type: text, config: {meta: {hidden: true}}}
      - {name: price, data_type: numeric, config: {meta: {type: money}}}
      - {name: category, data_type: "text[]"}
      - {name: launched_at, data_type: timestamp with time zone}
"""

ATTRIBUTES = """
attributes:
  lifetime_sales:
    type: money
    description: Sales.
    orders: { where: { state: complete }, sum: grand_total }
  number_of_orders: { type: number, description: Orders., orders: { count: true } }
  last_order_at: { type: time, description: The last., orders: { max: ordered_at } }
  days_since_last_order: { type: days, description: Days., days_since: last_order_at }
"""


class Files:
    """The folder of a project under test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str) -> None:
        """Write one of its files; the text may be indented as a whole."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")

    def check(self, segments: str) -> Project:
        """The project with these segments."""
        self.write("segments.yml", segments)
        return check_project(self.folder)

    def check_match(self, match: str) -> Project:
        """The project with one segment, `tested`, whose rule is this YAML."""
        text = "\n".join("      " + line for line in dedent(match).strip("\n").splitlines())
        self.write(
            "segments.yml", "version: 1\nsegments:\n  tested:\n    audience: everyone\n    match:\n" + text
        )
        return check_project(self.folder)


def as_yaml(value: object) -> bytes:
    """JSON, which is YAML, with the letters escaped that a YAML file can't hold."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(
        letter if letter.isprintable() or ord(letter) > 0xFFFF else f"\\u{ord(letter):04x}" for letter in text
    ).encode()
