"""A run whose process was killed is ended; one that lives, or whose end is unknown, is left alone."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from orchestration.presence import end_lost_runs, present

HOLDER = """
import sys, time
from pathlib import Path
from orchestration.presence import present
with present(Path(sys.argv[1]), sys.argv[2]):
    print("present", flush=True)
    time.sleep(600)
"""


@dg.job
def work() -> None:
    """A job that does nothing."""


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def test_run_is_ended_when_its_process_is_gone(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    lost, living, silent = (
        instance.create_run_for_job(work, status=dg.DagsterRunStatus.STARTED).run_id for _ in range(3)
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path), lost], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    with holder.stdout, present(tmp_path, living):
        assert holder.stdout.readline() == "present\n"
        assert end_lost_runs(lambda: instance, tmp_path) == []

        holder.kill()
        holder.wait()

        assert end_lost_runs(lambda: instance, tmp_path) == [lost]
        assert end_lost_runs(lambda: instance, tmp_path) == [], "it is told once"
    statuses = {run: instance.get_run_by_id(run).status for run in (lost, living, silent)}
    assert statuses == {
        lost: dg.DagsterRunStatus.FAILURE,
        living: dg.DagsterRunStatus.STARTED,
        silent: dg.DagsterRunStatus.STARTED,
    }
    assert list(tmp_path.iterdir()) == []
