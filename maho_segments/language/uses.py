"""Which columns of the vocabulary segments and named attributes ask for, and where these are written."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

from maho_segments.language.problems import Reporter
from maho_segments.language.project import ATTRIBUTES_FILE, SEGMENTS_FILE, Project
from maho_segments.language.rules import (
    Measure,
    NamedAttribute,
    ProfileColumn,
    RelatedRows,
    RowColumn,
)
from maho_segments.language.yaml_reader import Mapping, read_yaml


@dataclass(frozen=True, slots=True)
class User:
    """A segment or named attribute, and the line that it begins in."""

    kind: str
    name: str
    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.name} ({self.path}:{self.line})"


def users_of_columns(project: Project) -> dict[tuple[str, str], list[User]]:
    """The segments and named attributes that ask for a column, by the model of its table and its name.

    A segment asks for what the named attributes in it ask for.
    """
    found: dict[tuple[str, str], list[User]] = {}
    lines = {
        "segment": _lines(project.directory / SEGMENTS_FILE, "segments"),
        "attribute": _lines(project.directory / ATTRIBUTES_FILE, "attributes"),
    }
    uses = [
        *(("attribute", ATTRIBUTES_FILE, name, one.value) for name, one in project.attributes.items()),
        *(("segment", SEGMENTS_FILE, name, one.match) for name, one in project.segments.items()),
    ]
    for kind, path, name, node in uses:
        for column in dict.fromkeys(_columns(node, None, project)):
            found.setdefault(column, []).append(User(kind, name, path, lines[kind].get(name, 0)))
    return found


def _columns(node: object, relation: str | None, project: Project) -> Iterator[tuple[str, str]]:
    vocabulary = project.vocabulary
    match node:
        case ProfileColumn():
            yield vocabulary.profile.model, node.name
        case RowColumn():
            assert relation is not None
            rows = vocabulary.relations[relation]
            parent, dot, column = node.name.partition(".")
            yield (rows.parents[parent].table.model, column) if dot else (rows.table.model, node.name)
        case NamedAttribute():
            yield from _columns(project.attributes[node.name].value, None, project)
        case tuple():
            for item in node:
                yield from _columns(item, relation, project)
        case _ if is_dataclass(node):
            if isinstance(node, RelatedRows | Measure):
                relation = node.rows.relation
            for field in fields(node):
                yield from _columns(getattr(node, field.name), relation, project)


def _lines(path: Path, key: str) -> dict[str, int]:
    """The line in which each entry below a key of a file begins."""
    if not path.exists():
        return {}
    root = read_yaml(path.read_bytes(), Reporter(path.name))
    entries = root.get(key) if isinstance(root, Mapping) else None
    return {name.text: name.line for name, _ in entries.entries} if isinstance(entries, Mapping) else {}
