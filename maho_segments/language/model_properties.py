"""Reading one model of the vocabulary: its key, its columns, and what its rows are."""

from dataclasses import dataclass

from maho_segments.language.column_properties import (
    child,
    description_of,
    is_unique,
    items_of,
    known_data_type,
    read_audience,
    read_column,
    text_of,
)
from maho_segments.language.literals import read_duration
from maho_segments.language.problems import Reporter, quoted
from maho_segments.language.rules import EVERYONE, Duration, ProfileType
from maho_segments.language.vocabulary import Column, Table
from maho_segments.language.yaml_reader import Mapping, Scalar

ROLES = ("profile", "relation", "parent", "extends")
"""The words of a model's `meta` that make it part of the vocabulary."""


@dataclass(slots=True)
class ModelProperties:
    """A model that is part of the vocabulary, and where that is said."""

    role: str
    table: Table
    meta: Mapping
    """What stands under the role: the key and more."""
    reporter: Reporter
    places: dict[str, Mapping]
    """Its columns in the file, hidden ones too."""
    time_column: str | None = None
    keeps: Duration | None = None
    keeps_newest: bool = False
    audience: tuple[ProfileType, ...] = EVERYONE


def read_model(node: Mapping, reporter: Reporter) -> ModelProperties | None:
    """The model of an entry below `models`; None where it is not part of the vocabulary."""
    meta = child(child(node, "config"), "meta") or node.get("meta")
    name = text_of(node.get("name"))
    role = next((role for role in ROLES if child(meta, role) is not None), None)
    if name is None or role is None:
        return None
    marked = child(meta, role)
    assert marked is not None
    if not isinstance(marked, Mapping) or (key := text_of(marked.get("key"))) is None:
        reporter.error(
            "vocabulary",
            marked,
            f"the {role} {quoted(name)} has no key",
            hint="Write `key: COLUMN`, its unique id.",
        )
        return None
    places: dict[str, Mapping] = {}
    columns: dict[str, Column] = {}
    for item in items_of(node.get("columns")):
        if isinstance(item, Mapping) and (column_name := text_of(item.get("name"))):
            places[column_name] = item
            column = read_column(column_name, item, reporter)
            if column:
                columns[column_name] = column
    hidden = frozenset(places.keys() - columns.keys())
    data_types = {column: kind for column, place in places.items() if (kind := known_data_type(place))}
    table = Table(name, key, description_of(node), columns, hidden, data_types=data_types)
    model = ModelProperties(role, table, marked, reporter, places)
    for column in columns.values():
        if column.also and column.also not in places:
            reporter.unknown(
                "vocabulary", node, f"the column that `{column.name}` has as `also`,", column.also, places
            )
    if key not in places:
        reporter.unknown("vocabulary", marked.get("key") or marked, "the key", key, places)
    elif role == "extends" and not is_unique(key, places[key], node):
        reporter.error(
            "vocabulary",
            places[key],
            f"nothing says that {quoted(key)}, the key of {quoted(name)}, is unique",
            hint="Two rows of one key would double every sum: add `data_tests: [unique, not_null]` to it.",
        )
    _read_time_column(model)
    _read_limits(model)
    return model


def _read_time_column(model: ModelProperties) -> None:
    node = model.meta.get("time_column")
    if node is None or model.role != "relation":
        return
    name = text_of(node) or ""
    times = [column.name for column in model.table.columns.values() if column.type == "time"]
    if name in times:
        model.time_column = name
    else:
        model.reporter.unknown("vocabulary", node, "the time column", name, times)


def _read_limits(model: ModelProperties) -> None:
    """How long the shop keeps the rows, and who can have any."""
    if model.role != "relation":
        return
    model.audience = read_audience(model.meta, model.reporter)
    newest = model.meta.get("keeps_newest")
    model.keeps_newest = isinstance(newest, Scalar) and newest.value is True
    keeps = model.meta.get("keeps")
    if keeps is None:
        return
    model.keeps = read_duration(keeps, "keeps", model.reporter)
    if model.time_column is None:
        model.reporter.error(
            "vocabulary",
            keeps,
            f"{quoted(model.table.model)} keeps rows for a time, and has no time column",
            hint="Write the `time_column` beside it by which the shop deletes them.",
        )
