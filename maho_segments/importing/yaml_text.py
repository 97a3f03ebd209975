"""Writing YAML with comments, on one line where it fits: what `language.yaml_reader` reads back as it was."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from textwrap import wrap
from typing import Any

from maho_segments.language.scalars import resolve_scalar

WIDTH = 110
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+-]*(?: [A-Za-z0-9_][A-Za-z0-9_./+-]*)*")
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class Remarked:
    """A value with comments above it, where it stands in a list or below a key."""

    value: Any
    remarks: tuple[str, ...]


def mapping_text(mapping: Mapping[str, Any], indent: int = 0) -> str:
    """A mapping in block style, ending with a line break."""
    return "".join(f"{line}\n" for line in _mapping_lines(mapping, indent))


def inline_text(value: Any) -> str:
    """A value on one line: `{ gt: 5 }`. Comments in it are left out."""
    if isinstance(value, Remarked):
        return inline_text(value.value)
    if isinstance(value, Mapping):
        inside = ", ".join(f"{scalar_text(key)}: {inline_text(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = ", ".join(_inline_item(item) for item in value)
        return f"[ {items} ]" if ":" in items else f"[{items}]"
    return scalar_text(value)


def _inline_item(value: Any) -> str:
    """In a list, a mapping of one key needs no braces."""
    value = value.value if isinstance(value, Remarked) else value
    text = inline_text(value)
    return text[2:-2] if isinstance(value, Mapping) and len(value) == 1 else text


def scalar_text(value: str | int | Decimal | bool) -> str:
    """A scalar, quoted where YAML would take its text for something else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if not isinstance(value, str):
        return str(value)
    if _PLAIN.fullmatch(value) and resolve_scalar(value) == value and len(value) < WIDTH:
        return value
    return '"' + "".join(_escaped(letter) for letter in value) + '"'


def comment_lines(text: str, indent: int = 0) -> list[str]:
    """A text of any kind as lines of comment."""
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    start = " " * indent + "# "
    # Deep in a file, a comment is wider than the page rather than a word on each line.
    width = max(WIDTH - len(start), 60)
    lines = wrap(" ".join(clean.split()), width, break_long_words=False, break_on_hyphens=False)
    return [start + line for line in lines]


def _escaped(letter: str) -> str:
    if letter in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[letter]
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _has_remarks(value: Any) -> bool:
    if isinstance(value, Remarked):
        return bool(value.remarks) or _has_remarks(value.value)
    if isinstance(value, Mapping):
        return any(_has_remarks(item) for item in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(_has_remarks(item) for item in value)
    return False


def _fits(text: str, value: Any) -> bool:
    return len(text) <= WIDTH and not _has_remarks(value)


def _mapping_lines(mapping: Mapping[str, Any], indent: int) -> Iterator[str]:
    for key, item in mapping.items():
        yield from _entry_lines(key, item, indent)


def _entry_lines(key: str, item: Any, indent: int) -> Iterator[str]:
    start = " " * indent + scalar_text(key) + ":"
    if isinstance(item, Remarked):
        for remark in item.remarks:
            yield from comment_lines(remark, indent)
        item = item.value
    line = f"{start} {inline_text(item)}"
    is_flat = not isinstance(item, Mapping | list | tuple) or not item
    if is_flat or (_fits(line, item) and not _is_long_list(item)):
        yield line
    else:
        yield start
        yield from _block_lines(item, indent + 2)


def _is_long_list(item: Any) -> bool:
    """Rules read better one below the other than beside each other."""
    return isinstance(item, list | tuple) and len(item) > 1 and any(isinstance(one, Mapping) for one in item)


def _block_lines(item: Any, indent: int) -> Iterator[str]:
    if isinstance(item, Mapping):
        yield from _mapping_lines(item, indent)
        return
    for entry in item:
        one = entry.value if isinstance(entry, Remarked) else entry
        for remark in entry.remarks if isinstance(entry, Remarked) else ():
            yield from comment_lines(remark, indent)
        line = " " * indent + "- " + _inline_item(one)
        if not isinstance(one, Mapping | list | tuple) or _fits(line, one):
            yield line
        else:
            first, *rest = _block_lines(one, indent + 2)
            # Comments of the first key would stand behind the dash.
            while first.lstrip().startswith("#"):
                yield first[2:]
                first, *rest = rest
            yield " " * indent + "- " + first.lstrip()
            yield from rest
