"""Where the embedded server may live: deep folders, odd names, root's own folders, the socket's privacy."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maho_segments.errors import WarehouseError
from maho_segments.warehouse import (
    ConnectionSettings,
    EmbeddedServer,
    connect,
    ensure_running,
    find_binaries,
    read_settings,
)
from maho_segments.warehouse.account import SERVICE_USER
from maho_segments.warehouse.folders import SHARED_DIR
from tests.databases import PROJECT, clean_environ, short_folder

IS_ROOT = os.geteuid() == 0


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder whose warehouses are deleted at the end."""
    with short_folder() as folder:
        try:
            yield folder
        finally:
            for root in folder.rglob(".warehouse"):
                EmbeddedServer(root, find_binaries(os.environ)).delete()


def start(project: Path, **environ: str) -> ConnectionSettings:
    project.mkdir(parents=True, exist_ok=True)
    settings = ensure_running(project, {**clean_environ(), **environ})
    with connect(settings) as connection:
        assert connection.execute("select current_database()").fetchone() == ("segments",)
    return settings


def test_project_in_a_deep_folder(place: Path) -> None:
    project = place / "d" / ("deep" * 20) / ("deeper" * 20)
    settings = start(project)
    assert settings.host.startswith("/tmp/segments-")
    assert stat.S_IMODE(Path(settings.host).stat().st_mode) == 0o700
    # Who only reads the settings is led there too, and the next start goes to the same place.
    assert read_settings(project, clean_environ()) == settings
    EmbeddedServer.of_project(project, clean_environ()).stop()
    assert start(project) == settings
    # Folders in /tmp are swept away now and then.
    EmbeddedServer.of_project(project, clean_environ()).stop()
    shutil.rmtree(settings.host)
    assert start(project).host.startswith("/tmp/segments-")


def test_deleted_warehouse_leaves_nothing(place: Path) -> None:
    project = place / ("deep" * 20) / ("deeper" * 20)
    socket_dir = Path(start(project).host)
    server = EmbeddedServer.of_project(project, clean_environ())
    server.delete()
    assert not socket_dir.exists()
    assert not (project / ".warehouse").exists()
    server.delete()


@pytest.mark.parametrize("name", ["it's größe; a&b(c)* %20#?x=1", "one, two"])
def test_project_in_a_folder_with_an_odd_name(place: Path, name: str) -> None:
    settings = start(place / name)
    psql = find_binaries(os.environ).psql
    answer = subprocess.run([psql, settings.uri(), "-Atc", "select 1"], stdout=subprocess.PIPE, check=True)
    assert answer.stdout == b"1\n"


@pytest.mark.parametrize("name", ["cost$", "tick`", 'quote"'])
def test_folder_that_postgresql_cannot_take_is_told(place: Path, name: str) -> None:
    with pytest.raises(WarehouseError, match="PostgreSQL can't work in"):
        start(place / name)


def test_moved_project_finds_its_data(place: Path) -> None:
    start(place / "old")
    EmbeddedServer.of_project(place / "old", clean_environ()).stop()
    (place / "old").rename(place / "new")
    settings = start(place / "new")
    assert settings.host == str(place / "new" / ".warehouse" / "socket")


def test_project_moved_while_its_server_runs_keeps_it(place: Path) -> None:
    start(place / "old")
    pid = EmbeddedServer.of_project(place / "old", clean_environ()).status().pid
    (place / "old").rename(place / "new")
    assert start(place / "new").host == str(place / "new" / ".warehouse" / "socket")
    server = EmbeddedServer.of_project(place / "new", clean_environ())
    assert server.status().pid == pid
    assert server.stop()


def test_server_that_lost_its_socket_is_replaced(place: Path) -> None:
    settings = start(place / "project")
    shutil.rmtree(settings.host)
    assert start(place / "project") == settings


def test_socket_and_data_are_private(place: Path) -> None:
    settings = start(place / "project")
    for folder in (Path(settings.host), place / "project" / ".warehouse" / "data"):
        found = folder.stat()
        assert stat.S_IMODE(found.st_mode) == 0o700
        assert found.st_uid != 0


def test_socket_folder_can_be_named(place: Path) -> None:
    named = place / "here"
    settings = start(place / "project", SEGMENTS_WAREHOUSE_SOCKET=str(named))
    assert settings.host == str(named)
    assert stat.S_IMODE(named.stat().st_mode) == 0o700
    # A variable that changed since does not lose the running server.
    assert start(place / "project", SEGMENTS_WAREHOUSE_SOCKET=str(place / "there")).host == str(named)
    assert start(place / "project").host == str(named)


def test_named_socket_folder_that_others_can_enter_is_refused(place: Path) -> None:
    named = place / "open"
    named.mkdir(mode=0o755)
    with pytest.raises(WarehouseError, match="others could reach the warehouse through it"):
        start(place / "project", SEGMENTS_WAREHOUSE_SOCKET=str(named))
    with pytest.raises(WarehouseError, match="too long for a socket"):
        start(place / "project", SEGMENTS_WAREHOUSE_SOCKET=str(place / ("long" * 30)))


def test_folder_that_cannot_be_written_is_told(place: Path) -> None:
    (place / "file").write_text("in the way")
    with pytest.raises(WarehouseError, match=r"can't be used: .*file"):
        ensure_running(place / "file" / "project", clean_environ())


def test_other_programs_are_taken_from_the_environment(place: Path) -> None:
    programs = find_binaries(os.environ).folder
    assert start(place / "project", SEGMENTS_POSTGRES_BIN=str(programs)).target == "embedded"
    with pytest.raises(WarehouseError, match=r"a folder without postgres, initdb, pg_ctl, pg_isready, psql"):
        start(place / "project", SEGMENTS_POSTGRES_BIN=str(place))


@pytest.mark.skipif(
    not IS_ROOT, reason="PostgreSQL refuses to run as root, and only root has to go round that"
)
class TestAsRoot:
    """Root's server runs as an unprivileged user, wherever root's project is."""

    def test_server_runs_as_a_user_of_its_own(self, place: Path) -> None:
        start(place / "project")
        pid = EmbeddedServer.of_project(place / "project", clean_environ()).status().pid
        assert Path(f"/proc/{pid}").owner() == SERVICE_USER

    def test_project_below_a_private_folder_has_its_data_elsewhere(self, place: Path) -> None:
        project = place / "hidden"
        project.mkdir(mode=0o700)
        settings = start(project)
        data = Path(os.path.realpath(project / ".warehouse" / "data"))
        assert data.parent.parent == SHARED_DIR
        assert settings.host == str(data.parent / "socket")
        # The usual address leads there as well, so that a bare dbt finds it.
        usual = project / ".warehouse" / "socket"
        with connect(
            ConnectionSettings("embedded", str(usual), 5432, "segments", "", "segments", "segments")
        ):
            pass
        server = EmbeddedServer.of_project(project, clean_environ())
        assert server.stop()
        assert start(project) == settings

    def test_data_elsewhere_is_not_taken_over_by_a_new_warehouse(self, place: Path) -> None:
        project = place / "hidden"
        project.mkdir(mode=0o700)
        start(project)
        first = Path(os.path.realpath(project / ".warehouse" / "data"))
        EmbeddedServer.of_project(project, clean_environ()).stop()
        shutil.rmtree(project / ".warehouse")
        start(project)
        assert Path(os.path.realpath(project / ".warehouse" / "data")).parent != first.parent
        assert first.exists()
        shutil.rmtree(first.parent)

    def test_programs_below_a_private_folder_are_copied(self, place: Path) -> None:
        package = find_binaries({}).folder.parents[1]
        environment = place / "hidden" / "site-packages"
        environment.mkdir(parents=True)
        (place / "hidden").chmod(0o700)
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, environment / part.name)
        subprocess.run(["chmod", "-R", "go=", environment], check=True)
        environ = {**clean_environ(), "PYTHONPATH": f"{environment}:{PROJECT}"}
        environ.pop("SEGMENTS_POSTGRES_BIN", None)
        program = (
            "import os, sys; from pathlib import Path; from maho_segments.warehouse import *;"
            "print(find_binaries(os.environ).folder);"
            "print(ensure_running(Path(sys.argv[1]), os.environ).host)"
        )
        project = place / "hidden" / "project"
        answer = subprocess.run(
            [sys.executable, "-c", program, project],
            env=environ,
            capture_output=True,
            text=True,
            check=True,
            umask=0o077,
        )
        used, host = answer.stdout.splitlines()
        assert used.startswith(str(environment)), "the test must not use this environment's programs"
        assert host.startswith(str(SHARED_DIR))

    def test_named_programs_that_its_user_cannot_run_are_told(self, place: Path) -> None:
        hidden = place / "hidden"
        hidden.mkdir(mode=0o700)
        programs = hidden / "bin"
        programs.symlink_to(find_binaries(os.environ).folder)
        with pytest.raises(
            WarehouseError, match=f"User {SERVICE_USER}, who runs the server for root, can't run"
        ):
            start(place / "project", SEGMENTS_POSTGRES_BIN=str(programs))

    def test_unprivileged_user_runs_its_own(self, place: Path, programs: Path) -> None:
        project = place / "nobodys"
        project.mkdir()
        shutil.chown(project, "nobody")
        environ = {**clean_environ(), "SEGMENTS_POSTGRES_BIN": str(programs)}
        said = as_nobody(lambda: ensure_running(project, environ).host)
        assert said == str(project / ".warehouse" / "socket")
        server = EmbeddedServer.of_project(project, clean_environ())
        assert server.status().running, "root sees it too"
        assert server.stop()
        start(project)
        assert Path(f"/proc/{server.status().pid}").owner() == "nobody", "root runs it as whose data it is"

    def test_somebody_elses_warehouse_is_told(self, place: Path, programs: Path) -> None:
        project = place / "project"
        settings = start(project)
        environ = {**clean_environ(), "SEGMENTS_POSTGRES_BIN": str(programs)}
        said = as_nobody(lambda: ensure_running(project, environ).host)
        assert f"belongs to user {SERVICE_USER}" in said
        said = as_nobody(lambda: str(connect(settings)))
        assert "belongs to another user of this machine" in said


@pytest.fixture
def programs(place: Path) -> Path:
    """PostgreSQL's programs where every user can run them."""
    found = find_binaries(os.environ)
    return found.copy_to(place / "programs").folder if found.from_wheel else found.folder


def as_nobody(action: Callable[[], str]) -> str:
    """What a function answers, or raises, in a process of nobody, who need not be able to run this Python."""
    nobody = pwd.getpwnam("nobody")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = "nothing"
        try:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            said = action()
        except BaseException as error:  # the child may not return to pytest
            said = f"{type(error).__name__}: {error}"
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said
