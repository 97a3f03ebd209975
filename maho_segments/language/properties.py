"""Reading the vocabulary from the properties YAML of the dbt models.

The files are read, not dbt's manifest and not a database, so that validating needs neither.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from maho_segments.errors import DefinitionsError
from maho_segments.language.column_properties import (
    child,
    description_of,
    items_of,
    read_audience,
    read_column,
    text_of,
)
from maho_segments.language.literals import read_duration
from maho_segments.language.problems import Reporter, quoted
from maho_segments.language.rules import EVERYONE, Duration, ProfileType
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
from maho_segments.language.yaml_reader import Mapping, Scalar, read_yaml


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
        for node in items_of(child(root, "models")):
            if isinstance(node, Mapping) and (model := _read_model(node, reporter)):
                models[model.table.model] = model
    profile = next((model for model in models.values() if model.role == "profile"), None)
    if profile is None:
        if not any(reporter.problems for reporter in reporters):
            reporters.append(_without_profiles())
        return None
    _check_profile_columns(profile)
    relations = {
        name: _relation(name, model, models)
        for name, model in sorted(models.items())
        if model.role == "relation" and not _is_taken(model, profile.table)
    }
    used = {parent.table.model for relation in relations.values() for parent in relation.parents.values()}
    parents = {
        name: models[name].table for name in sorted(models) if name in used or models[name].role == "parent"
    }
    return Vocabulary(profile.table, relations, parents)


def _relation(name: str, model: "_Model", models: dict[str, "_Model"]) -> Relation:
    parents = _read_parents(model, models)
    return Relation(
        name, model.table, model.time_column, parents, model.keeps, model.keeps_newest, model.audience
    )


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
    keeps: Duration | None = None
    keeps_newest: bool = False
    audience: tuple[ProfileType, ...] = EVERYONE


def _read_model(node: Mapping, reporter: Reporter) -> _Model | None:
    meta = child(child(node, "config"), "meta") or node.get("meta")
    name = text_of(node.get("name"))
    role = next((role for role in _ROLES if child(meta, role) is not None), None)
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
    names: set[str] = set()
    columns: dict[str, Column] = {}
    for item in items_of(node.get("columns")):
        if isinstance(item, Mapping) and (column_name := text_of(item.get("name"))):
            names.add(column_name)
            column = read_column(column_name, item, reporter)
            if column:
                columns[column_name] = column
    model = _Model(
        role,
        Table(name, key, description_of(node), columns, frozenset(names - columns.keys())),
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
    _read_limits(model)
    return model


def _read_time_column(model: _Model) -> None:
    node = model.meta.get("time_column")
    if node is None or model.role != "relation":
        return
    name = text_of(node) or ""
    times = [column.name for column in model.table.columns.values() if column.type == "time"]
    if name in times:
        model.time_column = name
    else:
        model.reporter.unknown("vocabulary", node, "the time column", name, times)


def _read_limits(model: _Model) -> None:
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


def _read_parents(model: _Model, models: dict[str, _Model]) -> dict[str, Parent]:
    parents: dict[str, Parent] = {}
    node = model.meta.get("parents")
    for key, value in node.entries if isinstance(node, Mapping) else ():
        target, column = text_of(child(value, "model")), text_of(child(value, "column"))
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
