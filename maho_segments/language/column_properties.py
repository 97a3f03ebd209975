"""Reading one column of the vocabulary: its type, its values, and who can have it."""

import re
from typing import get_args

from maho_segments.language.jinja_text import unescaped
from maho_segments.language.problems import Reporter, correction, nearest, quoted
from maho_segments.language.rules import EVERYONE, ProfileType, ValueType
from maho_segments.language.shapes import AUDIENCES
from maho_segments.language.vocabulary import KEYWORDS, NAME, Column
from maho_segments.language.yaml_reader import Mapping, Node, Scalar, Sequence

_DATA_TYPES: tuple[tuple[re.Pattern[str], ValueType], ...] = (
    (re.compile(r"text|citext|(character varying|varchar|character|char)( ?\(\d+\))?"), "text"),
    (
        re.compile(r"smallint|integer|int|bigint|real|double precision|(numeric|decimal)( ?\([\d, ]+\))?"),
        "number",
    ),
    (re.compile(r"boolean|bool"), "boolean"),
    (re.compile(r"date"), "date"),
    (re.compile(r"timestamp( ?\(\d\))? with time zone|timestamptz( ?\(\d\))?"), "time"),
    (re.compile(r"(text|character varying|varchar)\[\]"), "list"),
)
_DATA_TYPE_WORDS = (
    "text",
    "numeric",
    "integer",
    "bigint",
    "boolean",
    "date",
    "timestamp with time zone",
    "text[]",
)


def read_column(name: str, node: Mapping, reporter: Reporter) -> Column | None:
    """The column, or None where it is hidden from the language or not fit for it."""
    meta = child(child(node, "config"), "meta") or node.get("meta")
    if isinstance(hidden := child(meta, "hidden"), Scalar) and hidden.value is True:
        return None
    if not NAME.fullmatch(name) or name in KEYWORDS:
        reporter.error(
            "vocabulary",
            node,
            f"rules can't speak of a column named {quoted(name)}",
            hint="Name it in lower-case letters, digits and underscores, or hide it: `meta: {hidden: true}`.",
        )
        return None
    data_type = _data_type(node)
    value_type = _value_type(data_type)
    if value_type is None:
        found = quoted(data_type) if data_type else "none"
        reporter.error(
            "vocabulary",
            node.get("data_type") or node,
            f"the column `{name}` has the data type {found}",
            allowed=nearest(data_type, _DATA_TYPE_WORDS),
            hint="Give it one of these, or hide it from rules: `config: {meta: {hidden: true}}`.",
        )
        return None
    kind = text_of(child(meta, "type"))
    if kind is not None:
        value_type = next((known for known in get_args(ValueType) if known == kind), None)
        if value_type is None:
            reporter.unknown(
                "vocabulary", node, f"the `meta: type` of column `{name}`,", kind, get_args(ValueType)
            )
            return None
    return Column(
        name,
        value_type,
        description_of(node),
        text_of(child(meta, "also")),
        _texts(child(meta, "options")),
        _has_not_null(node),
        _texts(child(meta, "known_values")),
        read_audience(meta, reporter),
        is_gone=text_of(child(child(meta, "attribute"), "gone")) == "true",
    )


def known_data_type(node: Mapping) -> str | None:
    """The type of a column in the database, where the language knows what it is."""
    data_type = _data_type(node)
    return data_type if _value_type(data_type) else None


def _data_type(node: Mapping) -> str:
    return (text_of(node.get("data_type")) or "").lower()


def _value_type(data_type: str) -> ValueType | None:
    return next((kind for pattern, kind in _DATA_TYPES if pattern.fullmatch(data_type)), None)


def _texts(node: Node | None) -> tuple[str, ...] | None:
    if not isinstance(node, Sequence):
        return None
    return tuple(unescaped(item.text) for item in node.items if isinstance(item, Scalar))


def read_audience(meta: Node | None, reporter: Reporter) -> tuple[ProfileType, ...]:
    """Who can have the rows or the value at all: the `audience` of a relation's or column's `meta`."""
    node = child(meta, "audience")
    if node is None:
        return EVERYONE
    chosen: set[ProfileType] = set()
    for item in node.items if isinstance(node, Sequence) and node.items else [node]:
        word = text_of(item) or ""
        if word in AUDIENCES:
            chosen.update(AUDIENCES[word])
        else:
            reporter.error(
                "vocabulary",
                item,
                f"no audience: {quoted(word)}",
                allowed=nearest(word, AUDIENCES),
                hint=correction(word, AUDIENCES) or "Write one of these, or a list of them.",
            )
    return tuple(kind for kind in EVERYONE if kind in chosen)


def _has_not_null(node: Mapping) -> bool:
    constraints = [child(item, "type") for item in items_of(node.get("constraints"))]
    return any(text_of(item) == "not_null" for item in [*_tests_of(node), *constraints])


def is_unique(name: str, column: Mapping, model: Mapping) -> bool:
    """Whether a test or constraint, of the column or of the model, says that no value comes twice."""
    if any(text_of(test) == "unique" or child(test, "unique") is not None for test in _tests_of(column)):
        return True
    of_model = [
        constraint
        for constraint in items_of(model.get("constraints"))
        if [text_of(item) for item in items_of(child(constraint, "columns"))] == [name]
    ]
    constraints = [*items_of(column.get("constraints")), *of_model]
    return any(text_of(child(item, "type")) in {"primary_key", "unique"} for item in constraints)


def _tests_of(node: Mapping) -> list[Node]:
    return [*items_of(node.get("data_tests")), *items_of(node.get("tests"))]


# ---- nodes of files that dbt checks, so of any shape ------------------------------------------------------


def child(node: Node | None, name: str) -> Node | None:
    """The value below a key, or None where there is none."""
    return node.get(name) if isinstance(node, Mapping) else None


def items_of(node: Node | None) -> list[Node]:
    """The items of a list; none of anything else."""
    return node.items if isinstance(node, Sequence) else []


def text_of(node: Node | None) -> str | None:
    """The text of a word; None of anything else."""
    return node.text if isinstance(node, Scalar) and node.value is not None else None


def description_of(node: Mapping) -> str:
    """The description of a model or column, on one line."""
    return " ".join(unescaped(text_of(node.get("description")) or "").split())
