"""Dagster's own tables in PostgreSQL, by orchestration/dagster.yaml and an address."""

from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from maho_segments.services.project import Workspace
from maho_segments.services.up.dagster import STORAGE_DATABASE, STORAGE_VARIABLE, prepare_home, storage_url
from orchestration.merging import MergingRunCoordinator
from tests.databases import Database


@dg.op
def say_something(context: dg.OpExecutionContext) -> None:
    context.log.info("something")


@dg.job
def talking_job() -> None:
    say_something()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    return prepare_home(Workspace(tmp_path, {}))


def keep_a_run(home: Path) -> str:
    """Keep a run, as a process of its own would, and read it as the webserver does."""
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert isinstance(instance.run_coordinator, MergingRunCoordinator)
        run_id = talking_job.execute_in_process(instance=instance).run_id
    with dg.DagsterInstance.from_config(str(home)) as pages:
        # It ends queries that take too long, by a word to each new connection.
        pages.optimize_for_webserver(statement_timeout=10_000, pool_recycle=3600, max_overflow=4)
        assert pages.get_run_by_id(run_id) is not None
        assert "something" in [entry.user_message for entry in pages.all_logs(run_id)]
        pages.schedule_storage.all_instigator_state()
    return run_id


def test_the_embedded_server_has_a_database_for_it(
    database: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STORAGE_VARIABLE, storage_url(Workspace(home, database.environ), database.settings))

    run_id = keep_a_run(home)

    own = replace(database.settings, dbname=STORAGE_DATABASE)
    assert (run_id,) in replace(database, settings=own).rows("select run_id from runs")


def test_any_server_may_be_named_by_a_plain_address(
    tcp_database: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = tcp_database.settings.uri(with_password=True)
    assert address.startswith("postgresql://")
    named = Workspace(home, {**tcp_database.environ, STORAGE_VARIABLE: address})
    monkeypatch.setenv(STORAGE_VARIABLE, storage_url(named, tcp_database.settings))

    run_id = keep_a_run(home)

    assert tcp_database.rows("select run_id from public.runs") == [(run_id,)]
