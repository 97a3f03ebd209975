"""Values as text of YAML that can be pasted into a file: rules, and shops with their rows."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_PLAIN_WORDS = frozenset("abcdefghijklmnopqrstuvwxyz_")


def yaml_text(value: Any) -> str:
    """A value in YAML's flow style, on one line: texts quoted, numbers exact."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)}: {yaml_text(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(yaml_text, value)) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return json.dumps(value.isoformat())
    if isinstance(value, str):
        return _quoted(value)
    return json.dumps(value)


def _key(key: str) -> str:
    return key if set(key) <= _PLAIN_WORDS | set("0123456789.") and key[:1] in _PLAIN_WORDS else _quoted(key)


def _quoted(text: str) -> str:
    """Text between double quotes, with the letters escaped that a YAML file can't hold."""
    return "".join(
        letter if letter.isprintable() or ord(letter) > 0xFFFF else f"\\u{ord(letter):04x}"
        for letter in json.dumps(text, ensure_ascii=False)
    )
