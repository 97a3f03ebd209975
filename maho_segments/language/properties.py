"""Reading the vocabulary from the properties YAML of the dbt models.

The files are read, not dbt's manifest and not a database, so that validating needs neither.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from maho_segments.errors import DefinitionsError
from maho_segments.language.problems import Reporter, nearest, quoted
from maho_segments.language.rules import ValueType
from maho_segments.language.vocabulary import (
    KEYWORDS,
    NAME,
    SETTING_COLUMNS,
    Column,
    Parent,
    Relation,
    Table,
    Vocabulary,
)
from maho_segments.language.yaml_reader import Mapping, Node, Scalar, Sequence, read_yaml


def read_vocabulary(project_dir: Path) -> Vocabulary:
    """The vocabulary of a project; raises DefinitionsError when the properties of its models do not fit."""
    reporters: list[Reporter] = []
    vocabulary = load_vocabulary(project_dir, reporters)
    problems = [problem for reporter in reporters for problem in reporter.problems]
    if vocabulary is None or problems:
        raise DefinitionsError(problems)
    return vocabulary


def load_vocabulary(project_dir: Path, reporters: list[Reporter]) -> Vocabulary | None:
    """The vocabulary as far as it can be read; one reporter per file is added, None without profiles."""
    models: dict[str, _Model] = {}
    for path in _properties_files(project_dir / "models"):
        reporter = Reporter(path.relative_to(project_dir).as_posix())
        reporters.append(reporter)
        root = read_yaml(path.read_bytes(), reporter)
        for node in _items(_get(root, "models")):
            if isinstance(node, Mapping) and (model := _read_model(node, reporter)):
                models[model.table.model] = model
    profile = next((model for model in models.values() if model.role == "profile"), None)
    if profile is None:
        if not any(reporter.problems for reporter in reporters):
            reporters.append(_without_profiles())
        return None
    _check_profile_columns(profile)
    relations = {
        name: Relation(name, model.table, model.time_column, _read_parents(model, models))
        for name, model in sorted(models.items())
        if model.role == "relation" and not _is_taken(model, profile.table)
    }
    used = {parent.table.model for relation in relations.values() for parent in relation.parents.values()}
    parents = {
        name: models[name].table for name in sorted(models) if name in used or models[name].role == "parent"
    }
    return Vocabulary(profile.table, relations, parents)


_ROLES = ("profile", "relation", "parent")
_MARKS = tuple(f"{role}:".encode() for role in _ROLES)


def _properties_files(models_dir: Path) -> Iterator[Path]:
    for path in sorted([*models_dir.rglob("*.yml"), *models_dir.rglob("*.yaml")]):
        # Most properties are those of staging models: looking for the words costs less than reading the YAML.
        source = path.read_bytes()
        if b"meta:" in source and any(mark in source for mark in _MARKS):
            yield path


def _without_profiles() -> Reporter:
    reporter = Reporter("models")
    reporter.error(
        "no-profiles",
        None,
        "no model is marked as the profiles",
        hint="One model's properties need `config: {meta: {profile: {key: profile_id}}}`.",
    )
    return reporter


def _check_profile_columns(model: "_Model") -> None:
    for setting, name in SETTING_COLUMNS.items():
        if name not in model.table.columns:
            model.reporter.error(
                "vocabulary",
                model.meta,
                f"the profiles have no column {quoted(name)}",
                hint=f"Segments' `{setting}` tests it: add it, not hidden.",
            )


# ---- one model ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Model:
    role: str
    table: Table
    meta: Mapping
    reporter: Reporter
    time_column: str | None = None


def _read_model(node: Mapping, reporter: Reporter) -> _Model | None:
    meta = _get(_get(node, "config"), "meta") or node.get("meta")
    name = _text(node.get("name"))
    role = next((role for role in _ROLES if _get(meta, role) is not None), None)
    if name is None or role is None:
        return None
    marked = _get(meta, role)
    assert marked is not None
    if not isinstance(marked, Mapping) or (key := _text(marked.get("key"))) is None:
        reporter.error(
            "vocabulary",
            marked,
            f"the {role} {quoted(name)} has no key",
            hint="Write `key: COLUMN`, its unique id.",
        )
        return None
    names: set[str] = set()
    columns: dict[str, Column] = {}
    for item in _items(node.get("columns")):
        if isinstance(item, Mapping) and (column_name := _text(item.get("name"))):
            names.add(column_name)
            column = _read_column(column_name, item, reporter)
            if column:
                columns[column_name] = column
    model = _Model(
        role,
        Table(name, key, _description(node), columns, frozenset(names - columns.keys())),
        marked,
        reporter,
    )
    for column in columns.values():
        if column.also and column.also not in names:
            reporter.unknown(
                "vocabulary", node, f"the column that `{column.name}` has as `also`,", column.also, names
            )
    if key not in names:
        reporter.unknown("vocabulary", marked.get("key") or marked, "the key", key, names)
    _read_time_column(model)
    return model


def _read_time_column(model: _Model) -> None:
    node = model.meta.get("time_column")
    if node is None or model.role != "relation":
        return
    name = _text(node) or ""
    times = [column.name for column in model.table.columns.values() if column.type == "time"]
    if name in times:
        model.time_column = name
    else:
        model.reporter.unknown("vocabulary", node, "the time column", name, times)


def _read_parents(model: _Model, models: dict[str, _Model]) -> dict[str, Parent]:
    parents: dict[str, Parent] = {}
    node = model.meta.get("parents")
    for key, value in node.entries if isinstance(node, Mapping) else ():
        target, column = _text(_get(value, "model")), _text(_get(value, "column"))
        if target is None or column is None:
            model.reporter.error(
                "vocabulary",
                key,
                f"the parent {quoted(key.text)} lacks its model or column",
                hint="Write `{model: MODEL, column: COLUMN}`, the column with the model's key.",
            )
        elif target not in models:
            known = [name for name, other in models.items() if other.role in {"relation", "parent"}]
            hint = "Its properties need `meta: {parent: {key: COLUMN}}`."
            model.reporter.unknown("vocabulary", key, "the parent's model", target, known, hint)
        elif key.text in model.table.columns or key.text in KEYWORDS or not NAME.fullmatch(key.text):
            model.reporter.error(
                "vocabulary",
                key,
                f"the parent can't be named {quoted(key.text)}",
                hint="Choose lower-case letters, digits and underscores, and no column's name or keyword.",
            )
        else:
            parents[key.text] = Parent(key.text, models[target].table, column)
    return parents


def _is_taken(model: _Model, profile: Table) -> bool:
    name = model.table.model
    if name not in profile.columns and name not in KEYWORDS:
        return False
    likeness = "a keyword" if name in KEYWORDS else "a column of the profiles"
    model.reporter.error(
        "vocabulary",
        model.meta,
        f"the relation {quoted(name)} is named like {likeness}",
        hint="Rules could not tell them apart: rename the model.",
    )
    return True


# ---- one column --------------------------------------------------------------------------------------------

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


def _read_column(name: str, node: Mapping, reporter: Reporter) -> Column | None:
    """The column, or None where it is hidden from the language or not fit for it."""
    meta = _get(_get(node, "config"), "meta") or node.get("meta")
    if isinstance(hidden := _get(meta, "hidden"), Scalar) and hidden.value is True:
        return None
    if not NAME.fullmatch(name) or name in KEYWORDS:
        reporter.error(
            "vocabulary",
            node,
            f"rules can't speak of a column named {quoted(name)}",
            hint="Name it in lower-case letters, digits and underscores, or hide it: `meta: {hidden: true}`.",
        )
        return None
    data_type = _text(node.get("data_type")) or ""
    value_type = next((kind for pattern, kind in _DATA_TYPES if pattern.fullmatch(data_type.lower())), None)
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
    kind = _text(_get(meta, "type"))
    if kind is not None:
        value_type = next((known for known in get_args(ValueType) if known == kind), None)
        if value_type is None:
            reporter.unknown(
                "vocabulary", node, f"the `meta: type` of column `{name}`,", kind, get_args(ValueType)
            )
            return None
    options = _get(meta, "options")
    return Column(
        name,
        value_type,
        _description(node),
        _text(_get(meta, "also")),
        tuple(item.text for item in options.items if isinstance(item, Scalar))
        if isinstance(options, Sequence)
        else None,
        _has_not_null(node),
    )


def _has_not_null(node: Mapping) -> bool:
    tests = [*_items(node.get("data_tests")), *_items(node.get("tests"))]
    constraints = [_get(item, "type") for item in _items(node.get("constraints"))]
    return any(_text(item) == "not_null" for item in [*tests, *constraints])


# ---- nodes of files that dbt checks, so of any shape ------------------------------------------------------


def _get(node: Node | None, name: str) -> Node | None:
    return node.get(name) if isinstance(node, Mapping) else None


def _items(node: Node | None) -> list[Node]:
    return node.items if isinstance(node, Sequence) else []


def _text(node: Node | None) -> str | None:
    return node.text if isinstance(node, Scalar) and node.value is not None else None


def _description(node: Mapping) -> str:
    return " ".join((_text(node.get("description")) or "").split())
