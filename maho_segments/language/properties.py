"""Reading the vocabulary from the properties YAML of the dbt models.

The files are read, not dbt's manifest and not a database, so that validating needs neither.
"""

from collections.abc import Iterator
from pathlib import Path

from maho_segments.errors import DefinitionsError
from maho_segments.language.column_properties import child, items_of, text_of
from maho_segments.language.extensions import add_extensions
from maho_segments.language.model_properties import ROLES, ModelProperties, read_model
from maho_segments.language.problems import Reporter, quoted
from maho_segments.language.vocabulary import (
    KEYWORDS,
    NAME,
    SETTING_COLUMNS,
    Parent,
    Relation,
    Table,
    Vocabulary,
)
from maho_segments.language.yaml_reader import Mapping, read_yaml


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
    models: dict[str, ModelProperties] = {}
    for path in _properties_files(project_dir / "models"):
        reporter = Reporter(path.relative_to(project_dir).as_posix())
        reporters.append(reporter)
        root = read_yaml(path.read_bytes(), reporter)
        for node in items_of(child(root, "models")):
            if isinstance(node, Mapping) and (model := read_model(node, reporter)):
                models[model.table.model] = model
    add_extensions(models)
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


def _relation(name: str, model: ModelProperties, models: dict[str, ModelProperties]) -> Relation:
    parents = _read_parents(model, models)
    return Relation(
        name, model.table, model.time_column, parents, model.keeps, model.keeps_newest, model.audience
    )


_MARKS = tuple(f"{role}:".encode() for role in ROLES)


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


def _check_profile_columns(model: ModelProperties) -> None:
    for setting, name in SETTING_COLUMNS.items():
        if name not in model.table.columns:
            model.reporter.error(
                "vocabulary",
                model.meta,
                f"the profiles have no column {quoted(name)}",
                hint=f"Segments' `{setting}` tests it: add it, not hidden.",
            )


def _read_parents(model: ModelProperties, models: dict[str, ModelProperties]) -> dict[str, Parent]:
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


def _is_taken(model: ModelProperties, profile: Table) -> bool:
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
