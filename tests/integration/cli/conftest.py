"""A built demo shop that the tests of the command line look at, and a way to type commands."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from maho_segments.cli.main import app
from maho_segments.warehouse import EmbeddedServer, read_settings
from tests.databases import PROJECT, Database, new_database
from tests.integration.cli.people_in_time import Calendar, live
from tests.projects import copy_project


@dataclass(frozen=True)
class Shell:
    """A project folder of the test's own, a database, and commands typed there."""

    project: Path
    database: Database
    environ: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        own = {**self.database.environ, "SEGMENTS_PROJECT_DIR": str(self.project)}
        object.__setattr__(self, "environ", own)

    def run(self, *arguments: str, stdin: str | None = None) -> Result:
        """Run `segments` in this process."""
        # What is not in our environment must not be in the command's either.
        cleared: dict[str, str | None] = dict.fromkeys(os.environ.keys() - self.environ.keys())
        return CliRunner().invoke(app, list(arguments), input=stdin, env={**cleared, **self.environ})

    def ask(self, *arguments: str) -> Any:
        """Run `segments` with --json, expect it to succeed, and return its answer."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start `segments` as a process of its own, which Ctrl-C ends though the tests ignore it."""
        program = (
            "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
            "from maho_segments.cli.main import app; app()"
        )
        return subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            env=self.environ,
            cwd=self.project,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def published_as_of(shop: Shell) -> str:
    """The instant of the latest run, as the command line takes it."""
    query = 'select to_char(max(as_of), \'YYYY-MM-DD"T"HH24:MI:SS"Z"\') from segments.segment_runs'
    return str(shop.database.rows(query)[0][0])


@pytest.fixture(scope="session")
def new_shell(
    embedded_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Shell]]:
    """Makes a copy of the project with an empty database; all are gone when the session ends."""
    own = {"SEGMENTS_WAREHOUSE_DIR": str(embedded_server.status().data_dir.parent)}
    with ExitStack() as stack:

        def make() -> Shell:
            database = stack.enter_context(new_database(read_settings(PROJECT, own), own))
            return Shell(copy_project(tmp_path_factory.mktemp("project")), database)

        yield make


@pytest.fixture(scope="session")
def demo(new_shell: Callable[[], Shell]) -> tuple[Shell, dict[str, Any]]:
    """The demo shop in its usual size, built; and what `segments demo` said of it."""
    shell = new_shell()
    return shell, shell.ask("demo")


@pytest.fixture(scope="session")
def shop(demo: tuple[Shell, dict[str, Any]]) -> Shell:
    """The demo shop. Tests may build it again, and leave it as it was."""
    return demo[0]


@pytest.fixture(scope="session")
def demo_report(demo: tuple[Shell, dict[str, Any]]) -> dict[str, Any]:
    """What the demo shop's first build reported."""
    return demo[1]


@pytest.fixture(scope="module")
def shell(new_shell: Callable[[], Shell]) -> Shell:
    """An empty database, and a copy of the project."""
    return new_shell()


@pytest.fixture(scope="session")
def calendar(new_shell: Callable[[], Shell]) -> Calendar:
    """A small shop that was built day by day, while its people came, changed and went."""
    return live(new_shell())
