"""The segments, as defined and as published: all of them, one of them, the members of one."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from maho_segments import language
from maho_segments.errors import BuildError, SegmentsError
from maho_segments.services.instants import format_instant
from maho_segments.services.preview import render_query
from maho_segments.services.project import Workspace
from maho_segments.services.publications import Publication, PublicTables, audience_size
from maho_segments.warehouse import ConnectionSettings, connect, ensure_running


@dataclass(frozen=True)
class ListedSegment:
    """A segment in a line. `status` is as published, or `off` (not active), or `removed` (not defined)."""

    name: str
    label: str
    owner: str
    tags: tuple[str, ...]
    audience: tuple[str, ...]
    status: str
    members: int | None
    as_of: datetime | None
    reason: str | None = None
    """Why it is held or failed."""

    def as_dict(self) -> dict[str, Any]:
        """The segment for programs."""
        return asdict(self) | {"as_of": format_instant(self.as_of) if self.as_of else None}


@dataclass(frozen=True)
class DescribedSegment:
    """All there is to know of a segment; counts are missing before its first build."""

    name: str
    label: str
    description: str
    owner: str
    tags: tuple[str, ...]
    words: str
    definition: dict[str, Any]
    status: str
    members: int | None
    audience: int | None
    entered: int | None
    left: int | None
    as_of: datetime | None
    sql: str | None
    reason: str | None = None
    """Why it is held or failed."""

    def as_dict(self) -> dict[str, Any]:
        """The segment for programs."""
        return asdict(self) | {"as_of": format_instant(self.as_of) if self.as_of else None}


def list_segments(workspace: Workspace) -> list[ListedSegment]:
    """The segments in the order of the file, then those that were published once and are defined no more."""
    plan: dict[str, Any] = language.compile_plan(language.check_project(workspace.folder))
    published = {publication.name: publication for publication in _publications(workspace)}
    listed = [_listed(segment, published.pop(segment["name"], None)) for segment in plan["segments"]]
    return listed + [
        ListedSegment(gone.name, gone.label or gone.name, "", (), (), "removed", gone.members, gone.as_of)
        for gone in published.values()
    ]


def _listed(segment: dict[str, Any], publication: Publication | None) -> ListedSegment:
    return ListedSegment(
        name=segment["name"],
        label=segment["label"] or segment["name"],
        owner=segment["owner"] or "",
        tags=tuple(segment["tags"]),
        audience=tuple(segment["audience"]),
        status=_status(segment, publication),
        members=publication.members if publication else None,
        as_of=publication.as_of if publication else None,
        reason=publication.reason if publication else None,
    )


def _status(segment: dict[str, Any], publication: Publication | None) -> str:
    if not segment["is_active"]:
        return "off"
    return publication.status if publication else "never_built"


def describe_segment(workspace: Workspace, name: str, *, as_of: datetime, with_sql: bool) -> DescribedSegment:
    """A segment in words, in SQL as a build would run it at that instant, and in numbers.

    Raises DefinitionsError for invalid definitions, SegmentsError where no segment has that name.
    """
    project = language.check_project(workspace.folder)
    known(name, project.segments)
    plan: dict[str, Any] = language.compile_preview(project, segment=name)
    segment = plan["segments"][-1]
    settings = ensure_running(workspace.folder, workspace.environ)
    query = None
    if with_sql:
        from maho_segments.services.dbt import DbtProject  # noqa: PLC0415  dbt takes two seconds: not before it is needed

        query = render_query(DbtProject(workspace.folder, settings, workspace.environ), plan, as_of=as_of)
    publication, audience = _counts(settings, segment)
    return DescribedSegment(
        name=name,
        label=segment["label"] or name,
        description=segment["description"] or "",
        owner=segment["owner"] or "",
        tags=tuple(segment["tags"]),
        words=language.in_words(project, name),
        definition=segment["definition"],
        status=_status(segment, publication),
        members=publication.members if publication else None,
        audience=audience,
        entered=publication.entered if publication else None,
        left=publication.left if publication else None,
        as_of=publication.as_of if publication else None,
        sql=query,
        reason=publication.reason if publication else None,
    )


def _counts(settings: ConnectionSettings, segment: dict[str, Any]) -> tuple[Publication | None, int | None]:
    with connect(settings) as connection:
        tables = PublicTables(connection, settings.schema)
        if not tables.exist():
            return None, None
        found = next((one for one in tables.publications() if one.name == segment["name"]), None)
        if found is None or found.as_of is None:
            return found, None
        return found, audience_size(segment, tables.population(found.as_of))


def _publications(workspace: Workspace) -> list[Publication]:
    settings = ensure_running(workspace.folder, workspace.environ)
    with connect(settings) as connection:
        tables = PublicTables(connection, settings.schema)
        return tables.publications() if tables.exist() else []


@contextmanager
def members(workspace: Workspace, name: str, *, limit: int | None) -> Iterator[Iterator[dict[str, Any]]]:
    """The published members of a segment, as many as `limit` says or all, read while they are used.

    Raises BuildError before the first build, SegmentsError where nothing of that name was built.
    """
    settings = ensure_running(workspace.folder, workspace.environ)
    with connect(settings) as connection:
        tables = PublicTables(connection, settings.schema)
        if not tables.exist():
            raise BuildError("Nothing is built yet.", "Run `segments build` first.")
        known(name, [publication.name for publication in tables.publications()])
        yield tables.members(name, limit=limit)


def known(name: str, names: Iterable[str]) -> None:
    """Raise SegmentsError, with the nearest names, unless `name` is one of `names`."""
    choices = list(names)
    if name in choices:
        return
    nearest = get_close_matches(name, choices, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(nearest)}? " if nearest else ""
    raise SegmentsError(f"No segment is named {name!r}.", f"{hint}`segments list` shows them all.")
