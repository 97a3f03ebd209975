"""Whether the process of a run is still there.

Dagster's launcher notices when a process of its own ends, but not when it is ended along with it: the run
would stay "started", and keep its place in the pool from all others. So each run holds a lock on a file in
DAGSTER_HOME, which the system releases however the process ends. Runs and sensors are children of one code
server: they see the same files.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dagster as dg

_SUFFIX = ".run"


def presence_folder() -> Path | None:
    """Where the files are; none where Dagster has no folder of its own, as in tests."""
    home = os.environ.get("DAGSTER_HOME")
    return Path(home) / "present" if home else None


@contextmanager
def present(folder: Path | None, run_id: str) -> Iterator[None]:
    """Be known as the living process of a run."""
    if folder is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    file, making = folder / f"{run_id}{_SUFFIX}", folder / f"{run_id}.{os.getpid()}.new"
    handle = os.open(making, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        # Under its name it is never without its lock, as long as its process lives.
        fcntl.flock(handle, fcntl.LOCK_EX)
        making.replace(file)
        yield
    finally:
        file.unlink(missing_ok=True)
        os.close(handle)


def end_lost_runs(instance: Callable[[], dg.DagsterInstance], folder: Path | None) -> list[str]:
    """Mark the runs whose process is gone as failed; their ids. Dagster's run retries begin them again.

    The instance, which takes connections to make, is only asked for where there is such a run.
    """
    ended = []
    for run_id in _dead(folder):
        run = instance().get_run_by_id(run_id)
        if run is not None and not run.is_finished:
            instance().report_run_failed(
                run,
                "The process of this run is gone: it was killed, or the machine went down. What was "
                "published before stands, and the run can be executed again.",
            )
            ended.append(run_id)
    return ended


def _dead(folder: Path | None) -> Iterator[str]:
    """The runs whose files nobody holds; each file is removed when its run has been seen to."""
    for file in sorted(folder.glob(f"*{_SUFFIX}")) if folder else []:
        with suppress(FileNotFoundError):
            handle = os.open(file, os.O_RDWR)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            else:
                yield file.name.removesuffix(_SUFFIX)
                file.unlink(missing_ok=True)
            finally:
                os.close(handle)
