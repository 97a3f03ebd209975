"""`segments warehouse` as people and programs type it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from maho_segments.warehouse import EmbeddedServer, find_binaries
from tests.databases import PASSWORD, PROJECT, Database, clean_environ, short_folder

SEGMENTS = Path(sys.executable).with_name("segments")


@pytest.fixture(scope="module")
def own_environ() -> Iterator[dict[str, str]]:
    """The environment of a warehouse that nobody started yet."""
    with short_folder() as folder:
        root = folder / "warehouse"
        yield {
            **clean_environ(),
            "SEGMENTS_PROJECT_DIR": str(PROJECT),
            "SEGMENTS_WAREHOUSE_DIR": str(root),
        }
        EmbeddedServer(root, find_binaries(os.environ)).delete()


def segments(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SEGMENTS, "warehouse", *arguments], env=environ, cwd="/", capture_output=True, text=True, check=False
    )


def status(environ: dict[str, str]) -> dict[str, object]:
    answer = segments(environ, "status", "--json")
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert isinstance(found, dict)
    return found


def test_warehouse_from_first_start_to_stop(own_environ: dict[str, str]) -> None:
    before = status(own_environ)
    assert before["running"] is False
    assert before["uri"] is None
    assert not Path(own_environ["SEGMENTS_WAREHOUSE_DIR"]).exists(), "asking makes nothing"

    started = segments(own_environ, "start")
    assert (started.returncode, started.stdout) == (0, "")
    running = status(own_environ)
    assert running["running"] is True
    assert str(running["uri"]) in started.stderr
    assert running["version"] == find_binaries(os.environ).version
    assert Path(f"/proc/{running['pid']}").exists()

    answer = segments(own_environ, "psql", "--", "-Atc", "select 'from psql'")
    assert answer.stdout == "from psql\n", answer.stderr

    assert "is stopped" in segments(own_environ, "stop").stderr
    assert "did not run" in segments(own_environ, "stop").stderr
    assert status(own_environ)["running"] is False


def test_psql_starts_the_warehouse_and_hands_its_exit_code_on(own_environ: dict[str, str]) -> None:
    answer = segments(own_environ, "psql", "--", "-v", "ON_ERROR_STOP=1", "-f", "/nowhere.sql")
    assert answer.returncode == 1
    assert "nowhere.sql" in answer.stderr
    assert status(own_environ)["running"] is True


def test_status_for_people_names_the_same_things(database: Database) -> None:
    answer = segments(database.environ, "status")
    for word in ("embedded", "yes", database.settings.uri(), database.settings.dbname):
        assert word in answer.stdout


def test_server_of_the_environment(tcp_database: Database) -> None:
    found = status(tcp_database.environ)
    assert (found["target"], found["running"], found["pid"]) == ("server", True, None)
    assert found["uri"] == tcp_database.settings.uri()
    for command in (["status"], ["status", "--json"], ["start"]):
        answer = segments(tcp_database.environ, *command)
        assert PASSWORD not in answer.stdout + answer.stderr
    answer = segments(tcp_database.environ, "psql", "--", "-Atc", "select current_database()")
    assert answer.stdout.strip() == tcp_database.settings.dbname, answer.stderr


def test_server_of_the_environment_is_not_stopped(tcp_database: Database) -> None:
    answer = segments(tcp_database.environ, "stop")
    assert answer.returncode == 1
    assert "is not ours to stop" in answer.stderr
    assert status(tcp_database.environ)["running"] is True


def test_wrong_setting_is_an_error_for_programs_too(tcp_database: Database) -> None:
    answer = segments({**tcp_database.environ, "DBT_PASSWORD": "wrong"}, "status", "--json")
    assert (answer.returncode, answer.stdout) == (1, "")
    error = json.loads(answer.stderr)["error"]
    assert "does not accept user admin" in error["message"]
    assert error["hint"] == "Check DBT_USER and DBT_PASSWORD."
