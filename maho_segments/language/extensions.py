"""Models that add columns to a table of the vocabulary: `meta: {extends: {model, key, column}}`.

Afterwards the columns are words of the table like its own, and know which model they are from.
"""

from dataclasses import replace

from maho_segments.language.column_properties import text_of
from maho_segments.language.model_properties import ModelProperties
from maho_segments.language.problems import quoted
from maho_segments.language.vocabulary import Column, Extension, Table


def add_extensions(models: dict[str, ModelProperties]) -> None:
    """Give every extended model the columns of those that extend it; mistakes are reported where they are."""
    owners = {name: dict.fromkeys(model.places, model) for name, model in models.items()}
    for name, model in sorted(models.items()):
        if model.role != "extends":
            continue
        extended = _extended(model, models)
        column = _join_column(model, extended) if extended else None
        if extended and column:
            taken = owners[extended.table.model]
            added = _added(model, taken)
            taken |= dict.fromkeys(added, model)
            if added:
                extension = Extension(name, model.table.key, column, added)
                extended.table = _with(extended.table, extension, model)


def _extended(model: ModelProperties, models: dict[str, ModelProperties]) -> ModelProperties | None:
    node = model.meta.get("model")
    target = text_of(node) or ""
    extended = models.get(target)
    if extended and extended.role != "extends":
        return extended
    known = [name for name, other in models.items() if other.role != "extends"]
    model.reporter.unknown("vocabulary", node or model.meta, "the model to extend", target, known)
    return None


def _join_column(model: ModelProperties, extended: ModelProperties) -> str | None:
    node = model.meta.get("column")
    column = text_of(node) or ""
    if column in extended.places:
        return column
    what = f"the column of {extended.table.model} that holds `{model.table.key}`,"
    model.reporter.unknown("vocabulary", node or model.meta, what, column, extended.places)
    return None


def _added(model: ModelProperties, taken: dict[str, ModelProperties]) -> frozenset[str]:
    """The columns that the model adds, labels included, but for those whose name is taken."""
    columns = model.table.columns.values()
    added = {column.name for column in columns} | {column.also for column in columns if column.also}
    clashes = added & taken.keys()
    for name in sorted(clashes):
        other = taken[name]
        model.reporter.error(
            "vocabulary",
            model.places.get(name),
            f"the column {quoted(name)} is in {other.table.model} too ({other.reporter.path})",
            hint="Rules could not tell them apart: rename this one, or hide it: `meta: {hidden: true}`.",
        )
    return frozenset(added - clashes)


def _with(table: Table, extension: Extension, model: ModelProperties) -> Table:
    added = {
        # Without a row in the extension, whatever is tested there, the column is missing.
        name: replace(column, is_required=False, added_by=extension.model)
        for name, column in model.table.columns.items()
        if name in extension.columns
    }
    columns: dict[str, Column] = {**table.columns, **added}
    data_types = {name: kind for name, kind in model.table.data_types.items() if name in extension.columns}
    return replace(
        table,
        columns=columns,
        extensions=(*table.extensions, extension),
        data_types={**table.data_types, **data_types},
    )
