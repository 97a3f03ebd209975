"""The tables of docs/language.md and docs/tables.md that list what the project says elsewhere.

They stand between markers and are written by `python -m maho_segments.language.reference [PROJECT_DIR]`; a
test says when they are stale.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from maho_segments.language.check import check_project
from maho_segments.language.project import Project
from maho_segments.language.vocabulary import Column, Vocabulary

PUBLIC_TABLES = (
    "segments",
    "segment_members",
    "segment_memberships",
    "segment_membership_changes",
    "segment_membership_history",
    "segment_sizes",
    "segment_runs",
    "segment_audits",
    "profiles",
    "erased_profiles",
)


def render_reference(project_dir: Path) -> dict[Path, str]:
    """The pages as they should be, by path; raises DefinitionsError when the project does not validate."""
    project = check_project(project_dir)
    pages = {}
    for name, sections in {
        "docs/language.md": {
            "named attributes": _attribute_table(project),
            "relations and columns": _vocabulary_tables(project.vocabulary),
        },
        "docs/tables.md": {"public tables": _public_tables(project_dir)},
    }.items():
        path = project_dir / name
        page = path.read_text(encoding="utf-8")
        for title, lines in sections.items():
            page = _with_section(page, title, lines)
        pages[path] = page
    return pages


def _with_section(page: str, title: str, lines: Iterable[str]) -> str:
    """The page with new lines between the markers of a section; raises ValueError where they are missing."""
    marker = re.compile(rf"(?s)(<!-- {title}: begin[^\n]*-->\n).*?(<!-- {title}: end -->)")
    body = "\n".join(["", *lines, ""])
    page, found = marker.subn(lambda match: f"{match[1]}{body}\n{match[2]}", page)
    if found != 1:
        raise ValueError(f"the page has {found} sections marked {title!r}, not one")
    return page


def _attribute_table(project: Project) -> Iterator[str]:
    yield from _table(
        ("attribute", "type", "is"),
        ((f"`{one.name}`", one.type, one.description) for one in project.attributes.values()),
    )


def _vocabulary_tables(vocabulary: Vocabulary) -> Iterator[str]:
    yield "### Profiles"
    yield from ("", vocabulary.profile.description.strip(), "")
    yield from _column_table(vocabulary.profile.columns.values())
    for relation in vocabulary.relations.values():
        yield from ("", f"### `{relation.name}`", "", relation.description.strip(), "")
        time_column = relation.time_column
        facts = [f"Time column: `{time_column}`." if time_column else "It has no time column."]
        parents = relation.parents.values()
        facts += [f"Parent: `{parent.name}`, a row of `{parent.table.model}`." for parent in parents]
        yield from (" ".join(facts), "")
        yield from _column_table(relation.columns.values())
    for name, table in vocabulary.parents.items():
        if name not in vocabulary.relations:
            yield from ("", f"### Parent `{name}`", "", table.description.strip(), "")
            yield from _column_table(table.columns.values())


def _column_table(columns: Iterable[Column]) -> Iterator[str]:
    rows = ((f"`{column.name}`", column.type, _column_words(column)) for column in columns)
    yield from _table(("column", "type", "is"), rows)


def _column_words(column: Column) -> str:
    options = f" One of {', '.join(f'`{option}`' for option in column.options)}." if column.options else ""
    return column.description.strip() + options


def _public_tables(project_dir: Path) -> Iterator[str]:
    models = _models(project_dir)
    for number, name in enumerate(PUBLIC_TABLES):
        model = models[name]
        yield from (*[""] * (number > 0), f"### `{name}`", "", " ".join(model["description"].split()), "")
        rows = (
            (f"`{column['name']}`", f"`{column['data_type']}`", " ".join(column["description"].split()))
            for column in model["columns"]
        )
        yield from _table(("column", "type", "is"), rows)


def _models(project_dir: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(project_dir.glob("models/**/*.yml")):
        properties = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        found |= {model["name"]: model for model in properties.get("models", ())}
    return found


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join('---' for _ in heads)} |"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def main(arguments: list[str]) -> None:
    """Bring the pages of a project up to date, and say which changed."""
    for path, page in render_reference(Path(arguments[0] if arguments else ".")).items():
        if path.read_text(encoding="utf-8") != page:
            path.write_text(page, encoding="utf-8")
            print(f"{path} updated")


if __name__ == "__main__":
    main(sys.argv[1:])
