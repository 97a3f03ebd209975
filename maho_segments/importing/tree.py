"""A segment's conditions as the shop stores them: JSON, a tree of combinations and leaves."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from maho_segments.importing.refusals import Refusal

TYPE_START = "customersegmentation/segment_condition_"
COMBINATION = "combine"
MAX_DEPTH = 60
"""How deep combinations may nest: far more than a person clicks together, and what a YAML file can hold."""

Value = str | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class StoredLeaf:
    """One condition: `kind` is the end of its type, such as `customer_clv`; `place` says where it stands."""

    kind: str
    attribute: str
    operator: str
    value: Value
    place: str

    @property
    def name(self) -> str:
        """What the condition asks about, as its reasons and remarks call it."""
        return f"{self.kind} {self.attribute}".strip()


@dataclass(frozen=True, slots=True)
class StoredCombination:
    """`all` or any of its parts; with `is_negated`, not that."""

    is_all: bool
    is_negated: bool
    says_aggregator: bool
    says_value: bool
    parts: tuple["StoredCombination | StoredLeaf", ...]


class _Condition(BaseModel):
    """One entry of the JSON, combination or leaf, as loose as the shop reads it."""

    model_config = ConfigDict(extra="ignore")

    type: str
    attribute: str | None = None
    operator: str | int | None = None
    value: Any = None
    aggregator: str | None = None
    conditions: list[Any] = []

    @field_validator("conditions", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        # PHP writes a list with a gap as an object.
        return list(value.values()) if isinstance(value, dict) else value or []


def read_tree(text: str | None) -> StoredCombination:
    """The tree of a segment. Raises Refusal for what is no tree, and for one without any condition."""
    if not (text or "").strip():
        raise Refusal("It has no conditions, so it matches everyone.")
    assert text is not None
    try:
        raw = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        start = text.strip()[:2]
        if start in {"a:", "O:", "s:"}:
            raise Refusal(
                "Its conditions are PHP-serialized, as old versions of the shop wrote them. Open and "
                "save the "
                "segment in the shop, which writes them as JSON."
            ) from None
        raise Refusal("Its conditions are not JSON.") from None
    if not isinstance(raw, dict) or not raw:
        if raw in ([], {}, None):
            raise Refusal("It has no conditions, so it matches everyone.")
        raise Refusal("Its conditions are JSON, but no tree of conditions.")
    root = _read(raw, "the root", 0)
    if isinstance(root, StoredLeaf):
        raise Refusal("A single condition stands at the root, where the module reads combinations only.")
    return root


def _read(raw: object, place: str, depth: int) -> StoredCombination | StoredLeaf:
    if depth > MAX_DEPTH:
        raise Refusal(f"Its combinations nest more than {MAX_DEPTH} levels deep.")
    try:
        entry = _Condition.model_validate(raw)
    except ValidationError as error:
        wrong = ", ".join(sorted({".".join(map(str, one["loc"])) or "entry" for one in error.errors()}))
        raise Refusal(f"At {place} stands no condition as the shop writes them: {wrong}.") from None
    kind = entry.type.removeprefix(TYPE_START)
    if kind != COMBINATION or not entry.type.startswith(TYPE_START):
        kind = kind if entry.type.startswith(TYPE_START) else entry.type
        return StoredLeaf(
            kind, entry.attribute or "", str(entry.operator or "=="), _value(entry.value), place
        )
    start = "" if depth == 0 else f"{place}."
    parts = tuple(
        _read(part, f"condition {number}" if depth == 0 else f"{start}{number}", depth + 1)
        for number, part in enumerate(entry.conditions, start=1)
    )
    return StoredCombination(
        is_all=entry.aggregator == "all",
        is_negated=entry.value in (None, "", "0", 0, False),
        says_aggregator=entry.aggregator in {"all", "any"},
        says_value=entry.value not in (None, ""),
        parts=parts,
    )


def _value(value: Any) -> Value:
    """A value as PHP makes text of it; a list of several stays one."""
    if isinstance(value, list):
        texts = tuple(_text(item) for item in value)
        return texts[0] if len(texts) == 1 and texts[0] else texts
    return None if value is None else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, dict | list):
        raise Refusal("A value is a structure of its own, which the module can't compare with anything.")
    text = "" if value is None else str(value)
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Refusal("A value holds a character that no text of the shop can have.")
    return text
