"""Projects to measure: a copy with other segments, a shop that is kept between runs, and a warehouse from which what was built is gone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from maho_segments.language import check_project, compile_plan, write_plan
from maho_segments.services.project import Workspace
from maho_segments.shop.demo import generate_shop
from maho_segments.warehouse import ConnectionSettings, EmbeddedServer, connect, ensure_running
from maho_segments.warehouse.tuning import machine_memory
from tests.projects import PARTS, copy_project

AS_OF = datetime(2026, 1, 15, 12, tzinfo=UTC)
_SCHEMAS = (
    "segments",
    "segments_staging",
    "segments_relations",
    "segments_work",
    "segments_capture",
    "audiences",
)


@dataclass(frozen=True)
class Laboratory:
    """A copy of the project, and a running warehouse with a shop in it."""

    folder: Path
    workspace: Workspace
    settings: ConnectionSettings

    def command(self, *words: str) -> None:
        """Run `segments` with these words, in a process of its own; raises SystemExit with what it says where it fails."""
        ran = subprocess.run(
            [str(Path(sys.executable).with_name("segments")), *words],
            cwd=self.workspace.folder,
            env=dict(self.workspace.environ),
            check=False,
            capture_output=True,
            text=True,
        )
        if ran.returncode:
            raise SystemExit(
                f"`segments {' '.join(words)}` ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}"
            )


@contextmanager
def laboratory(folder: Path, customers: int) -> Iterator[Laboratory]:
    """The project as it is now, over a generated shop of that size in `folder`, where the shop stays for the next time.

    The server is stopped at the end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    project = _copied(folder / "project")
    environ = {**os.environ, "SEGMENTS_WAREHOUSE_DIR": str(folder / "warehouse")}
    settings = ensure_running(project, environ)
    try:
        with connect(settings) as connection:
            row = connection.execute("select to_regclass('maho.customer_entity') is not null").fetchone()
            if row == (False,):
                print(f"Generating a shop with {customers:,} customers ...", flush=True)
                generate_shop(connection, customers=customers, seed=1, now=AS_OF)
        settings = _with_memory(settings, project, environ)
        read_into_memory(settings)
        yield Laboratory(folder, Workspace(project, environ), settings)
    finally:
        if settings.target == "embedded":
            EmbeddedServer.of_project(project, environ).stop()


def _with_memory(
    settings: ConnectionSettings, project: Path, environ: Mapping[str, str]
) -> ConnectionSettings:
    """The embedded server, started anew where it has less of the machine's memory for tables than a machine of its own would give it."""
    if settings.target != "embedded":
        return settings
    with connect(settings, autocommit=True) as connection:
        wanted = f"{machine_memory() * 5 // 8 // 2**30}GB"
        if connection.execute("show shared_buffers").fetchone() == (wanted,):
            return settings
        connection.execute(f"alter system set shared_buffers = '{wanted}'".encode())
    EmbeddedServer.of_project(project, environ).stop()
    return ensure_running(project, environ)


def read_into_memory(settings: ConnectionSettings) -> None:
    """Have the server read all tables and indexes, so that what is measured afterwards waits for no disk, as far as memory goes."""
    with connect(settings, autocommit=True) as connection:
        connection.execute("create extension if not exists pg_prewarm")
        connection.execute(
            """
            select pg_prewarm(pg_class.oid)
            from pg_class
            inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
            where pg_class.relkind in ('r', 'i') and pg_namespace.nspname !~ '^pg_' and pg_relation_size(pg_class.oid) > 0
            """
        )


def _copied(folder: Path) -> Path:
    for part in PARTS:
        if (folder / part).is_dir():
            shutil.rmtree(folder / part)
    return copy_project(folder)


def write_segments(project: Path, segments: dict[str, Any]) -> None:
    """Make these the only segments of a project, and write its plan."""
    definitions = {"version": 1, "defaults": {"audience": "customers"}, "segments": segments}
    # JSON is YAML.
    (project / "segments.yml").write_text(json.dumps(definitions), encoding="utf-8")
    write_plan(project, compile_plan(check_project(project)))


def drop_built(settings: ConnectionSettings) -> None:
    """Leave nothing but the shop's tables, with statistics."""
    with connect(settings, autocommit=True) as connection:
        for schema in _SCHEMAS:
            connection.execute(f"drop schema if exists {schema} cascade".encode())
        connection.execute("vacuum analyze")
