"""The shop of all topics, built once for each instant, and who was in which segment then."""

import json
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from maho_segments.services.build import build
from maho_segments.services.dbt import DbtProject
from maho_segments.services.progress import Silence
from maho_segments.services.project import Workspace
from maho_segments.shop import load_folder
from maho_segments.warehouse import EmbeddedServer, connect, read_settings
from tests.databases import PROJECT, Database, new_database
from tests.integration.edges.cases import INSTANTS, Case, read_cases
from tests.integration.edges.shop import Person, Shop
from tests.integration.edges.topics import TOPICS
from tests.projects import copy_project

CASES: list[Case] = [
    case for name, module in TOPICS.items() for case in read_cases(name, getattr(module, "TEXTS", {}))
]
# From one instant to another everybody may leave a segment.
_NO_GUARDS = {"emptied_from": 0, "source_shrink_percent": 0, "stale_sources": False}
_PROFILES = "select profile_id, customer_id, visitor_id, email, website from segments.profiles"
_MEMBERS = "select segment_name, array_agg(profile_id) from segments.segment_members group by segment_name"


@pytest.fixture(scope="session")
def edges_shop() -> Shop:
    """The rows of all topics."""
    shop = Shop()
    for name, topic in TOPICS.items():
        shop.topic = name
        topic.fill(shop)
    return shop


@pytest.fixture(scope="session")
def edges_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose segments are the cases of all topics."""
    project = copy_project(tmp_path_factory.mktemp("edges"))
    segments = [case.definition() for case in CASES]
    (project / "segments.yml").write_text("version: 1\nsegments:\n" + "".join(segments), encoding="utf-8")
    return project


@pytest.fixture(scope="session")
def edges_database(
    embedded_server: EmbeddedServer, edges_shop: Shop, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A database with the shop's raw tables."""
    folder = tmp_path_factory.mktemp("shop")
    edges_shop.write(folder)
    own = {"SEGMENTS_WAREHOUSE_DIR": str(embedded_server.status().data_dir.parent)}
    with new_database(read_settings(PROJECT, own), own) as database:
        with connect(database.settings) as connection:
            load_folder(connection, folder)
        yield database


class Notes(Silence):
    """Keeps what a person should read."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def note(self, text: str) -> None:
        self.texts.append(text)


@pytest.fixture(scope="session")
def build_notes(edges_project: Path, edges_database: Database) -> list[str]:
    """What was told in the build for the first instant."""
    notes = Notes()
    first = datetime.fromisoformat(next(iter(INSTANTS.values())))
    build(Workspace(edges_project, edges_database.environ), as_of=first, progress=notes)
    return notes.texts


@pytest.fixture(scope="session")
def members(
    build_notes: list[str], edges_shop: Shop, edges_project: Path, edges_database: Database
) -> dict[tuple[str, str], dict[str, set[str]]]:
    """The nicknames of the members by topic, of each instant and segment."""
    del build_notes  # The first instant is built.
    manifest = DbtProject(edges_project, edges_database.settings, edges_database.environ).parse()
    found: dict[tuple[str, str], dict[str, set[str]]] = {}
    for number, (as_of, instant) in enumerate(INSTANTS.items()):
        if number > 0:
            _build_memberships(manifest, edges_project, edges_database, instant)
        people = _people(edges_shop, edges_database)
        for segment, profiles in edges_database.rows(_MEMBERS):
            of_topics: dict[str, set[str]] = {}
            for topic, person in (people[profile] for profile in profiles if profile in people):
                of_topics.setdefault(topic, set()).add(person)
            found[as_of, segment] = of_topics
    return found


def _build_memberships(manifest: Manifest, project: Path, database: Database, as_of: str) -> None:
    """Build what depends on the instant. All before it has no clock, and the shop's tables are the same."""
    folder = str(project)
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # dbt leaves its log file open.
        for name, value in database.environ.items():
            patch.setenv(name, value)
        command = ["build", "--select", "profile_features+", "--exclude-resource-type", "unit_test"]
        places = ["--project-dir", folder, "--profiles-dir", folder, "--target", database.settings.target]
        done = dbtRunner(manifest=manifest).invoke(
            ["--quiet", *command, *places, "--vars", json.dumps({"as_of": as_of, "guards": _NO_GUARDS})]
        )
    assert done.success, done.result or done.exception


def _people(shop: Shop, database: Database) -> dict[int, tuple[str, str]]:
    """Topic and nickname of each profile."""
    by_key: dict[tuple[object, ...], tuple[str, str]] = {}
    for topic, people in shop.people.items():
        for person in people:
            by_key[_key(person)] = (topic, person.nickname)
    found = {}
    for profile_id, customer_id, visitor_id, email, website in database.rows(_PROFILES):
        person = Person("", website, email, customer_id, visitor_id)
        if _key(person) in by_key:
            found[profile_id] = by_key[_key(person)]
    return found


def _key(person: Person) -> tuple[object, ...]:
    if person.customer_id:
        return ("customer", person.customer_id)
    if person.visitor_id:
        return ("visitor", person.visitor_id)
    return ("guest", person.website, person.email)
