"""`segments attributes sync`: the merchant's own attributes brought into the vocabulary, and kept current."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from maho_segments import language
from maho_segments.errors import DefinitionsError, Problem, SegmentsError
from maho_segments.language.problems import MOST_ALLOWED_WORDS, Reporter, nearest, quoted
from maho_segments.language.properties import load_vocabulary
from maho_segments.language.uses import users_of_columns
from maho_segments.language.vocabulary import KEYWORDS, Table, Vocabulary
from maho_segments.language.yaml_reader import Mapping, read_yaml
from maho_segments.services import definitions
from maho_segments.services.project import Workspace
from maho_segments.services.shop_attributes.changes import Change, Users, compare
from maho_segments.services.shop_attributes.columns import (
    AttributeColumn,
    Names,
    reason_to_leave_out,
    wanted_columns,
)
from maho_segments.services.shop_attributes.file import (
    ATTRIBUTES_PROPERTIES,
    TARGETS,
    read_columns,
    render,
    write_columns,
)
from maho_segments.services.shop_schema import shop_schema
from maho_segments.shop.attributes import ShopAttribute, read_attributes
from maho_segments.warehouse import connect, ensure_running


@dataclass(frozen=True)
class SyncReport:
    """What a look at the shop's attributes found, and what became of it."""

    changes: tuple[Change, ...]
    left_out: tuple[tuple[str, str], ...]
    """Attributes of the merchant's that can't be columns, each with the reason."""
    uses_are_known: bool
    """Whether the definitions were valid, so that it is known who uses what."""
    differs: bool
    """Whether the file is another one now, or with --check, would be."""
    problems: tuple[Problem, ...] = ()
    """What is wrong with the definitions now that the file is written."""

    def of_state(self, *states: str) -> list[Change]:
        """The changes of these kinds."""
        return [change for change in self.changes if change.state in states]

    def as_dict(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "file": ATTRIBUTES_PROPERTIES.as_posix(),
            "differs": self.differs,
            "uses_are_known": self.uses_are_known,
            "attributes": [change.as_dict() for change in self.changes],
            "left_out": [{"attribute": key, "reason": reason} for key, reason in self.left_out],
            "problems": [problem.as_dict() for problem in self.problems],
        }


def sync(workspace: Workspace, *, include: Iterable[str] = (), check: bool = False) -> SyncReport:
    """Compare the file with the shop, and write it, the plan and the JSON Schema anew; nothing with `check`.

    `include` names attributes that every shop has and the project does not read, such as
    `catalog_product.weight`; once in the file, they are kept like the merchant's own. Raises ShopError
    without a shop, SegmentsError for an unknown name or for a file that can't be read, DefinitionsError where
    mistakes in properties or named attributes hide which names are taken.
    """
    before = read_columns(workspace.folder)
    settings = ensure_running(workspace.folder, workspace.environ)
    with connect(settings) as connection:
        connection.read_only = True
        found = read_attributes(connection, shop_schema(workspace))
    chosen = _chosen(found, before, list(include))
    left_out = [(one.key, reason) for one in chosen if (reason := reason_to_leave_out(one))]
    now = _columns([one for one in chosen if not reason_to_leave_out(one)], before, workspace)
    users = _users(workspace)
    changes = compare(before, now, users)
    columns = [change.column for change in changes if change.state != "gone"]
    path = workspace.folder / ATTRIBUTES_PROPERTIES
    differs = not path.is_file() or path.read_text(encoding="utf-8") != render(columns)
    problems: tuple[Problem, ...] = ()
    if differs and not check:
        write_columns(workspace.folder, columns)
        problems = _refresh(workspace)
    return SyncReport(tuple(changes), tuple(left_out), users is not None, differs, problems)


def _chosen(
    found: list[ShopAttribute], before: list[AttributeColumn], include: list[str]
) -> list[ShopAttribute]:
    """The merchant's own attributes, those that the file has already, and those asked for."""
    known = {attribute.key: attribute for attribute in found}
    for name in include:
        if name not in known:
            words = ", ".join(nearest(name, known)[:MOST_ALLOWED_WORDS])
            raise SegmentsError(
                f"The shop has no attribute {quoted(name)}.",
                f"Write ENTITY.CODE, such as one of: {words}.",
            )
        if reason := reason_to_leave_out(known[name]):
            raise SegmentsError(f"{quoted(name)} can't be a column: {reason}.", "Leave it out.")
    declared = {f"{column.entity}.{column.code}" for column in before} | set(include)
    return [one for one in found if one.is_merchants_own or one.key in declared]


def _columns(
    attributes: list[ShopAttribute], before: list[AttributeColumn], workspace: Workspace
) -> list[AttributeColumn]:
    taken = _taken_names(workspace)
    for column in before:
        taken[column.entity] |= {column.name, column.also} - {""}
    # Categories' attributes are columns of products too: one set of names for both.
    taken["catalog_product"] |= taken["catalog_category"]
    taken["catalog_category"] = taken["catalog_product"]
    names = Names(taken)
    known = {column.key: column for column in before}
    return [column for one in attributes for column in wanted_columns(one, names, known)]


def _taken_names(workspace: Workspace) -> dict[str, set[str]]:
    """By entity, the names in the table that its columns are added to, but for those of the columns."""
    vocabulary = _vocabulary(workspace)
    taken: dict[str, set[str]] = {}
    for entity, target in TARGETS.items():
        table = _table(vocabulary, target.table)
        taken[entity] = {*KEYWORDS, *(_own_names(table) if table else ())}
    taken["customer"] |= {*vocabulary.relations, *_attribute_names(workspace)}
    rows = vocabulary.relations.get(TARGETS["customer_address"].table)
    taken["customer_address"] |= set(rows.parents) if rows else set()
    return taken


def _vocabulary(workspace: Workspace) -> Vocabulary:
    """All words there are; raises DefinitionsError with the mistakes that hide some.

    Those in the file that is to be written anew hide nothing.
    """
    reporters: list[Reporter] = []
    vocabulary = load_vocabulary(workspace.folder, reporters)
    problems = [problem for reporter in reporters for problem in reporter.problems]
    elsewhere = [problem for problem in problems if problem.path != ATTRIBUTES_PROPERTIES.as_posix()]
    if vocabulary is None or elsewhere:
        raise DefinitionsError(elsewhere or problems)
    return vocabulary


def _table(vocabulary: Vocabulary, model: str) -> Table | None:
    relations = {relation.table.model: relation.table for relation in vocabulary.relations.values()}
    return {vocabulary.profile.model: vocabulary.profile, **relations, **vocabulary.parents}.get(model)


def _own_names(table: Table) -> set[str]:
    ours = {target.model for target in TARGETS.values()}
    added = {name for extension in table.extensions if extension.model in ours for name in extension.columns}
    return (table.columns.keys() | table.hidden) - added


def _attribute_names(workspace: Workspace) -> set[str]:
    path = workspace.folder / language.ATTRIBUTES_FILE
    reporter = Reporter(path.name)
    root = read_yaml(path.read_bytes(), reporter) if path.is_file() else None
    if reporter.problems:
        raise DefinitionsError(reporter.problems)
    entries = root.get("attributes") if isinstance(root, Mapping) else None
    return {key.text for key, _ in entries.entries} if isinstance(entries, Mapping) else set()


def _users(workspace: Workspace) -> Users | None:
    """Who uses which column; None where the definitions don't validate, so that nobody knows."""
    try:
        return users_of_columns(language.check_project(workspace.folder))
    except DefinitionsError:
        return None


def _refresh(workspace: Workspace) -> tuple[Problem, ...]:
    """Bring what is generated from the vocabulary up to date; the problems that keep it from being so."""
    definitions.write_schemas(workspace)
    try:
        definitions.validate(workspace)
    except DefinitionsError as error:
        return tuple(error.problems)
    return ()
