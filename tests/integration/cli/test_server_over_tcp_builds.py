"""The main job on an existing server, over TCP, by a role that may do no more than create in its database."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.databases import Database
from tests.integration.cli.conftest import Shell
from tests.projects import copy_project

DEMO = ("demo", "--customers", "300", "--as-of", "2026-06-01T00:00:00Z")
MEMBERS = "select segment_name, customer_id, email, entered_at from segments.segment_members order by 1, 2, 3"


def test_server_has_the_members_of_the_embedded_one(
    new_shell: Callable[[], Shell], tcp_database: Database, tmp_path: Path
) -> None:
    admin = tcp_database.settings
    tcp_database.execute("create role analyst login password 'it''s 100% {{ x }}'")
    tcp_database.execute(f"grant create on database {admin.dbname} to analyst")
    settings = replace(admin, user="analyst", password="it's 100% {{ x }}")
    analyst = Database(settings, {**tcp_database.environ, **settings.environ()})
    server = Shell(copy_project(tmp_path / "project"), analyst)
    embedded = new_shell()

    server.ask(*DEMO)
    embedded.ask(*DEMO)

    members = embedded.database.rows(MEMBERS)
    assert server.database.rows(MEMBERS) == members
    assert len(members) > 300
