"""What is new, changed or gone among the shop's attributes since the file was written."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from maho_segments.language.uses import User
from maho_segments.services.shop_attributes.columns import AttributeColumn
from maho_segments.services.shop_attributes.file import TARGETS

State = Literal["new", "changed", "gone", "missing", "kept"]


@dataclass(frozen=True)
class Change:
    """One column, and what became of it. `missing` is gone from the shop, and kept as segments use it."""

    state: State
    column: AttributeColumn
    what: tuple[str, ...] = ()
    users: tuple[User, ...] = ()

    @property
    def word(self) -> str:
        """The column as people know it: `products.color`."""
        return f"{TARGETS[self.column.entity].table}.{self.column.name}"

    def as_dict(self) -> dict[str, Any]:
        """The change for programs."""
        return {
            "state": self.state,
            "table": TARGETS[self.column.entity].table,
            "column": self.column.name,
            "entity": self.column.entity,
            "code": self.column.code,
            "store": self.column.store or None,
            "what": list(self.what),
            "used_by": [
                {"kind": user.kind, "name": user.name, "path": user.path, "line": user.line}
                for user in self.users
            ],
        }


Users = dict[tuple[str, str], list[User]]


def compare(
    before: Iterable[AttributeColumn], now: Iterable[AttributeColumn], users: Users | None
) -> list[Change]:
    """Every column's change. Without `users` nobody knows what is used: all that is gone stays."""
    old = {column.key: column for column in before}
    new = {column.key: column for column in now}
    changes: list[Change] = []
    for key, column in new.items():
        used = _users(column, users)
        if key not in old:
            changes.append(Change("new", column, (_type_words(column),)))
        elif what := tuple(_differences(old[key], column)):
            changes.append(Change("changed", column, what, used))
        else:
            changes.append(Change("kept", column, users=used))
    for key, column in old.items():
        if key not in new:
            used = _users(column, users)
            state: State = "gone" if users is not None and not used else "missing"
            changes.append(Change(state, replace(column, is_gone=True), users=used))
    return changes


def _users(column: AttributeColumn, users: Users | None) -> tuple[User, ...]:
    return tuple((users or {}).get((TARGETS[column.entity].table, column.name), ()))


def _type_words(column: AttributeColumn) -> str:
    kind = {"text[]": "list", "bigint": "number", "numeric": "number", "timestamp with time zone": "time"}
    words = column.type or kind.get(column.data_type, column.data_type)
    options = len(column.known_values)
    return f"{words}, {options} option{'s' * (options != 1)}" if options else words


def _differences(old: AttributeColumn, new: AttributeColumn) -> Iterable[str]:
    if old.is_gone:
        yield "the shop has it again"
    if (old.data_type, old.type) != (new.data_type, new.type):
        before, now = (_type_words(replace(one, known_values=())) for one in (old, new))
        yield f"type {before} -> {now}"
    elif (old.reads, old.table) != (new.reads, new.table):
        yield f"read as {new.reads} of the shop's {new.table} values, not as {old.reads} of {old.table}"
    if old.label != new.label:
        yield f"label {old.label!r} -> {new.label!r}"
    added = [value for value in new.known_values if value not in old.known_values]
    removed = [value for value in old.known_values if value not in new.known_values]
    if added or removed:
        signs = [*(f"-{value!r}" for value in removed), *(f"+{value!r}" for value in added)]
        yield f"options {_listed(signs)}"
    elif old.known_values != new.known_values:
        yield "order of the options"


def _listed(signs: list[str], most: int = 10) -> str:
    more = f" and {len(signs) - most} more" if len(signs) > most else ""
    return ", ".join(signs[:most]) + more
